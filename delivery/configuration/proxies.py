"""Transports that are reached through another one: what may be named, and who names whom."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from delivery.transports.settings import TransportSettings
from delivery.transports.smarthost import SmarthostSettings
from delivery.transports.socks import SocksSettings
from mail.configuration.rules.problem import FieldProblem

if TYPE_CHECKING:
    from delivery.models import Transport

PROXY = "proxy"
"""The setting that names a transport of kind socks."""

PROXY_KIND = "socks"


def named_proxy(settings: object) -> str:
    """The proxy that stored settings name, "" for none."""
    name = settings.get(PROXY) if isinstance(settings, Mapping) else None
    return name if isinstance(name, str) else ""


def proxy_problem(settings: object, kinds: Mapping[str, str]) -> str:
    """What is wrong with the proxy that the settings name; `kinds` are those of all transports by name."""
    name = named_proxy(settings)
    if not name or kinds.get(name) == PROXY_KIND:
        return ""
    if name not in kinds:
        return f"there is no transport named {name}"
    return f"{name} is a transport of kind {kinds[name] or 'direct'}; a proxy is one of kind {PROXY_KIND}"


def transports_behind(name: str) -> "list[Transport]":
    """The transports that are reached through the one with this name."""
    from delivery.models import Transport  # a model needs this module

    return list(Transport.objects.filter(**{f"settings__{PROXY}": name}).order_by("name"))


def row_problems(transport: "Transport") -> list[FieldProblem]:
    """What is wrong between this row and the others: the proxy that it names, and its being one itself."""
    from delivery.models import Transport

    kinds = dict(Transport.objects.exclude(pk=transport.pk).values_list("name", "kind"))
    kinds[transport.name] = transport.kind
    problem = proxy_problem(transport.settings, kinds)
    problems = [FieldProblem("settings", f"{PROXY}: {problem}")] if problem else []
    return problems + _problems_of_proxy(transport)


def _problems_of_proxy(transport: "Transport") -> list[FieldProblem]:
    """Others go through this transport by its name: it can't lose that, nor stop being a proxy."""
    stored = type(transport).objects.filter(pk=transport.pk, kind=PROXY_KIND).first()
    if stored is None or (stored.name == transport.name and transport.kind == PROXY_KIND):
        return []
    in_use = in_use_text(stored.name, transports_behind(stored.name))
    return [FieldProblem("name" if stored.name != transport.name else "", in_use)] if in_use else []


def in_use_text(name: str, behind: "Iterable[Transport]") -> str:
    """That a transport is the proxy of others; "" when it is none."""
    names = ", ".join(transport.name for transport in behind)
    return f"{name} is the proxy of {names}: give those another way first." if names else ""


def with_proxy(settings: Any, others: Mapping[str, TransportSettings]) -> Any:
    """Compiled settings with the proxy that they name, which is among the others by name.

    Raises KeyError with the name when there is no such proxy.
    """
    if not isinstance(settings, SmarthostSettings) or not settings.proxy_name:
        return settings
    through = others.get(settings.proxy_name)
    if not isinstance(through, SocksSettings):
        raise KeyError(settings.proxy_name)
    return replace(settings, proxy=through.proxy)
