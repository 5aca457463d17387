"""What the rows of the queue keep of the hosts that an attempt came to."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from delivery.transports.group import HostTry

_ENCODER = json.JSONEncoder(ensure_ascii=False)
_TRIES = 20
_FAILURE_TEXT = 300
_HOSTS = 20
_ADDRESSES = 4


@dataclass(frozen=True, slots=True)
class Way:
    """`policy` is what TLS had to be; `tries` and `dialled` are JSON. `dialled` None leaves it as it is."""

    policy: str = ""
    tries: str = "[]"
    dialled: str | None = None


NO_WAY = Way()


def tries_json(tries: Sequence[HostTry]) -> str:
    """The hosts tried, in order: a list of host, port, ip, failure (a reply, "" for none) and seconds.

    `reused` is there, and true, for a session that an earlier message had left open. Of more tries than a
    timeline has room for the last are left.
    """
    return _ENCODER.encode([_entry(each) for each in tries[-_TRIES:]]) if tries else "[]"


def _entry(host_try: HostTry) -> dict[str, object]:
    failure = host_try.failure
    entry: dict[str, object] = {
        "host": host_try.host,
        "port": host_try.port,
        "ip": host_try.ip,
        "failure": "" if failure is None else str(failure.public)[:_FAILURE_TEXT],
        "seconds": round(host_try.seconds, 3),
    }
    return {**entry, "reused": True} if host_try.reused else entry


def dialled_json(earlier: Mapping[str, Sequence[str]], tries: Sequence[HostTry]) -> str | None:
    """The addresses by host that took a connection, this attempt's appended; None when there is none to add.

    A host has one address for each attempt, and the last few; so do the hosts.
    """
    now = {each.host: each.ip for each in tries if each.connected and each.ip}
    if not now:
        return None
    dialled = {host: list(ips) for host, ips in earlier.items() if host not in now}
    for host, ip in now.items():
        dialled[host] = [*earlier.get(host, ()), ip][-_ADDRESSES:]
    return json.dumps(dict(list(dialled.items())[-_HOSTS:]))
