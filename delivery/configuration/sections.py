"""What a snapshot holds of transports and routes."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from delivery.configuration.passwords import complete_settings
from delivery.configuration.proxies import with_proxy
from delivery.models import Route as RouteRow
from delivery.models import Transport
from delivery.routing.patterns import parse_patterns
from delivery.routing.routes import Route
from delivery.transports.fail import FailSettings
from delivery.transports.kind import Kind
from delivery.transports.kinds import kind_named
from delivery.transports.settings import InvalidSettings, TransportSettings
from mail.addresses.domain import AddressError
from mail.configuration.snapshot import InvalidConfiguration, register_section
from mail.secrets import SealBroken

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CompiledTransport:
    """A transport ready for use: `kind.deliver(settings, …)`. The settings contain password and proxy."""

    name: str
    kind: Kind = field(repr=False)
    settings: TransportSettings = field(repr=False)
    unusable: str = ""
    """Why it can't be used, if so. Then its kind is one that lets all mail wait."""

    @property
    def shown_name(self) -> str:
        """The name for people; built-in direct delivery has none."""
        return self.name or "direct"


@dataclass(frozen=True, slots=True)
class Sending:
    """How mail leaves. Routes of accounts are not here: they are looked up (account_routes)."""

    transports: Mapping[str, CompiledTransport]
    global_routes: tuple[Route, ...]
    domain_routes: Mapping[str, tuple[Route, ...]]
    """By the name of the domain of the envelope sender."""


def compile_sending() -> Sending:
    """Raises InvalidConfiguration for a route: to leave it out would send mail another way.

    A transport that can't be used stops only its own mail, and is part of the result.
    """
    rows = RouteRow.objects.select_related("transport", "domain")
    by_domain: dict[str, list[RouteRow]] = {}
    for row in rows.filter(domain__isnull=False):
        assert row.domain is not None
        by_domain.setdefault(row.domain.name, []).append(row)
    return Sending(
        transports=MappingProxyType(_compile_transports()),
        global_routes=compile_routes(rows.filter(account__isnull=True, domain__isnull=True)),
        domain_routes=MappingProxyType({name: compile_routes(own) for name, own in by_domain.items()}),
    )


def compile_routes(rows: Iterable[RouteRow]) -> tuple[Route, ...]:
    """The routes of one level in their order. Raises InvalidConfiguration."""
    return tuple(map(_compile_route, sorted(rows, key=lambda row: (row.position, row.pk))))


def register() -> None:
    """Let snapshots have this section."""
    register_section(Sending, compile_sending)


def _compile_transports() -> dict[str, CompiledTransport]:
    alone = {row.name: _compile_transport(row) for row in Transport.objects.all()}
    settings = {name: transport.settings for name, transport in alone.items()}
    return {name: _connect_to_proxy(transport, settings) for name, transport in alone.items()}


def _compile_transport(row: Transport) -> CompiledTransport:
    try:
        kind = kind_named(row.kind)
        return CompiledTransport(row.name, kind, kind.read(complete_settings(row)))
    except KeyError:
        reason = f"there is no kind of transport named {row.kind}"
    except (InvalidSettings, SealBroken) as error:
        reason = str(error)
    return _unusable(row.name, reason)


def _connect_to_proxy(
    transport: CompiledTransport, settings: Mapping[str, TransportSettings]
) -> CompiledTransport:
    try:
        return replace(transport, settings=with_proxy(transport.settings, settings))
    except KeyError as error:
        return _unusable(transport.name, f"its proxy {error.args[0]} can't be used")


def _unusable(name: str, reason: str) -> CompiledTransport:
    """One that lets all its mail wait."""
    log.error("a transport can't be used", extra={"fields": {"transport": name, "reason": reason}})
    waiting = FailSettings(451, f"transport {name} is not usable at present")
    return CompiledTransport(name, kind_named("fail"), waiting, unusable=reason)


def _compile_route(row: RouteRow) -> Route:
    try:
        return Route(
            position=row.position,
            from_domains=parse_patterns(row.from_domains),
            to_domains=parse_patterns(row.to_domains),
            minimum_attempts=row.minimum_attempts,
            transport=row.transport.name,
        )
    except AddressError as error:
        raise InvalidConfiguration(f"route {row.pk}: {error}") from None
