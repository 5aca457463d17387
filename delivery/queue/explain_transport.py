"""What a transport is, in words: its hosts, how it encrypts and logs in, its limits. Never its secrets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Final

from delivery.configuration.sections import CompiledTransport
from delivery.smtp.client.tls import TlsMode, TlsPolicy
from delivery.transports.fields import LIMITS
from delivery.transports.proxy import Proxy
from mail.addresses.domain import display_domain

_MODES: Final = {
    TlsMode.IMMEDIATE: "TLS from the first byte",
    TlsMode.REQUIRED: "STARTTLS, or no mail is sent",
    TlsMode.OPPORTUNISTIC: "STARTTLS where it is offered",
    TlsMode.NONE: "none",
}
_LABELS: Final = {"tls": "TLS", "proxy_name": "Through transport"}
_LIMITS: Final = frozenset(limit.name for limit in LIMITS)


@dataclass(frozen=True, slots=True)
class TransportFacts:
    """A transport for people. `settings` are labels with values, those at their defaults included."""

    name: str
    kind: str
    hosts: tuple[str, ...]
    settings: tuple[tuple[str, str], ...]
    unusable: str


def transport_facts(transport: CompiledTransport, recipient_domain: str) -> TransportFacts:
    """What `deliver` is given, whatever the kind: settings that must not be shown have no repr."""
    settings = transport.settings
    hosts = tuple(_host(host) for host in getattr(settings, "hosts", ()))
    if not hosts and transport.kind.name not in ("fail", "self"):
        hosts = (f"the mail servers of {display_domain(recipient_domain) or 'the recipient’s domain'}",)
    return TransportFacts(
        name=transport.shown_name,
        kind=transport.kind.name,
        hosts=hosts,
        settings=tuple(_settings(settings, {field.name: field.label for field in transport.kind.fields})),
        unusable=transport.unusable,
    )


def _settings(settings: object, labels: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Labels, as forms have them, with values. Settings within settings are told like their own."""
    if not is_dataclass(settings):
        return
    for field in fields(settings):
        if field.name == "hosts" or not field.repr:
            continue
        value = getattr(settings, field.name)
        label = _LABELS.get(field.name) or labels.get(field.name) or field.name.replace("_", " ")
        if isinstance(value, Proxy):
            yield "Proxy", str(value)
        elif field.name in _LIMITS and not value:
            yield label, "no limit"
        elif is_dataclass(value) and not isinstance(value, TlsPolicy | type):
            yield from _settings(value, labels)
        elif (text := _text(value)) != "":
            yield label, text


def _text(value: object) -> str:
    """A value for people; nothing for what is not set."""
    if isinstance(value, TlsPolicy):
        return _tls(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(_text(each) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {_text(each)}" for key, each in value.items())
    return "" if value is None else str(value)


def _tls(policy: TlsPolicy) -> str:
    mode = _MODES.get(policy.mode, str(policy.mode))
    if policy.mode is TlsMode.NONE:
        return mode
    return f"{mode}; the certificate is {'verified' if policy.verify else 'not verified'}"


def _host(host: object) -> str:
    """A host as name and port, with whatever else is said about it."""
    if not is_dataclass(host):
        return str(host)
    name, port = getattr(host, "name", ""), getattr(host, "port", "")
    more = [
        f"{field.name} {getattr(host, field.name)}"
        for field in fields(host)
        if field.name not in ("name", "port") and field.repr and getattr(host, field.name)
    ]
    return " ".join([f"{name}:{port}", *more])
