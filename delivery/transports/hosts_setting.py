"""Reading the hosts of a relay from its settings."""

from collections.abc import Mapping

from delivery.transports.dialing import Host
from delivery.transports.hosts import RelayHosts
from delivery.transports.settings import SettingsReader

HIGHEST_WEIGHT = 1000


def read_hosts(reader: SettingsReader, port: int) -> RelayHosts:
    """From `host`, one name, or `hosts`. Exactly one of the two is given.

    An entry of `hosts` is a name with an optional port, "b.relay.example:2525", or a table with such a name
    and a weight, {host = "a.relay.example", weight = 3}. `port` is that of hosts without one.
    """
    single = reader.text("host", 255)
    several = reader.entries("hosts")
    if reader.given("host") and reader.given("hosts"):
        reader.problem("hosts", "and host can't be used together")
    if not reader.given("host") and not reader.given("hosts"):
        reader.problem("host", "is needed")
    hosts = [_read_host(reader, "host", single, port, port_allowed=False)] if single else []
    weights: list[int | None] = [None] * len(hosts)
    for entry in several:
        host, weight = _read_entry(reader, entry, port)
        hosts.append(host)
        weights.append(weight)
    for host in {host for host in hosts if host.name and hosts.count(host) > 1}:
        reader.problem("hosts", f"{host.name} is there twice")
    given = tuple(weight for weight in weights if weight is not None)
    if given and len(given) < len(hosts):
        reader.problem("hosts", "need a weight each, or none has one")
        given = ()
    return RelayHosts(tuple(hosts), given)


def _read_entry(reader: SettingsReader, entry: object, port: int) -> tuple[Host, int | None]:
    text, weight = entry, None
    if isinstance(entry, Mapping):
        text, weight = entry.get("host"), entry.get("weight")
        if set(entry) != {"host", "weight"}:
            reader.problem("hosts", "an entry is a name, or a table of host and weight")
            return Host("", port), 1
        if not isinstance(weight, int) or isinstance(weight, bool) or not 1 <= weight <= HIGHEST_WEIGHT:
            reader.problem("hosts", f"a weight is a whole number from 1 to {HIGHEST_WEIGHT}")
            weight = 1
    if not isinstance(text, str):
        reader.problem("hosts", "an entry is a name, or a table of host and weight")
        return Host("", port), weight
    return _read_host(reader, "hosts", text, port, port_allowed=True), weight


def _read_host(reader: SettingsReader, field: str, text: str, port: int, *, port_allowed: bool) -> Host:
    name, colon, number = text.strip().partition(":")
    if colon and port_allowed and number.isascii() and number.isdigit() and 1 <= int(number[:6]) <= 65535:
        return Host(reader.host(field, name), int(number))
    return Host(reader.host(field, text.strip()), port)


def shown_hosts(settings: Mapping[str, object]) -> str:
    """The hosts of stored settings, for people."""
    hosts = settings.get("hosts")
    entries = hosts if isinstance(hosts, list | tuple) else []
    names = [str(settings["host"])] if settings.get("host") else []
    return ", ".join(names + [shown_entry(entry) for entry in entries])


def shown_entry(entry: object) -> str:
    """One entry of `hosts`, as it is typed: "a.relay.example", or "a.relay.example weight 3"."""
    if not isinstance(entry, Mapping):
        return str(entry)
    return f"{entry.get('host', '')} weight {entry.get('weight', '')}"
