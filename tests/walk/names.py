"""DNS as the world has it, on a small scale: a signed root, zones below it, and resolvers that validate."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import dns.exception
import dns.flags
import dns.message
import dns.query

from tests.walk.machine import Machine
from tests.world.unbound import Zone, unbound_program
from tests.world.waiting import wait_until

TOP: Final = "example"
"""The top level that domains are registered below."""
TTL: Final = 1
"""Seconds, so that nobody remembers for long what was published before."""
_REVERSE: Final = ("18.198.in-addr.arpa", "8.b.d.0.1.0.0.2.ip6.arpa")
_COMMON: Final = (
    "do-daemonize: no", "use-syslog: no", 'username: ""', 'chroot: ""', 'pidfile: ""', "num-threads: 1",
    "do-not-query-localhost: no", "do-ip6: no", "edns-buffer-size: 1232",
    *(f'local-zone: "{zone}." nodefault' for zone in _REVERSE),
    *(f'domain-insecure: "{zone}."' for zone in _REVERSE),
)  # fmt: skip


class Names:
    """A nameserver with the root, `com`, the reverse zones, and the zones of those who publish."""

    def __init__(self, machine: Machine, ip: str) -> None:
        self._machine = machine
        self._ip = ip
        self._folder = machine.folder / "zones"
        self._folder.mkdir()
        self._published: dict[str, list[str]] = {}
        self.trust_anchor = ""
        self._process = self._start()

    def publish(self, domain: str, lines: Sequence[str]) -> None:
        """Sign and serve these records of a domain; PTR records are put into the zones of the addresses."""
        self._published[domain] = [line for line in lines if line and not line.startswith(";")]
        self.close()
        self._process = self._start()

    def close(self) -> None:
        """Serve no more."""
        self._process.terminate()
        self._process.wait()

    def _start(self) -> "subprocess.Popen[bytes]":
        written: dict[str, Path] = {}
        domains = [self._written(written, zone) for zone in self._domains()]
        tops = [self._zone(TOP, _delegations(domains)), self._zone("com", []), *self._reverse()]
        root = self._zone("", _delegations([self._written(written, zone) for zone in tops]))
        self.trust_anchor = self._written(written, root).trust_anchor
        parts = []
        for name, path in written.items():
            parts += ["auth-zone:", f'name: "{name}."', f'zonefile: "{path}"', "fallback-enabled: no"]
            parts += ["for-downstream: yes", "for-upstream: no"]
        process = _unbound(self._machine, self._ip, [], parts)
        wait_until(lambda: _answered(self._machine, self._ip, "com"), "the nameserver answers", 20)
        return process

    def _domains(self) -> list[Zone]:
        return [
            self._zone(domain, _below(domain, published)) for domain, published in self._published.items()
        ]

    def _reverse(self) -> list[Zone]:
        lines = [line for published in self._published.values() for line in published]
        return [self._zone(name, _below(name, lines), signed=False) for name in _REVERSE]

    def _written(self, written: dict[str, Path], zone: Zone) -> Zone:
        written[zone.name] = zone.write(self._folder)
        return zone

    def _zone(self, name: str, lines: Sequence[str], *, signed: bool = True) -> Zone:
        return Zone(name, lines, signed=signed, nameserver=self._ip, ttl=TTL)


@contextmanager
def resolver(machine: Machine, ip: str, names_ip: str, trust_anchor: str) -> Iterator[None]:
    """A resolver on a machine that knows of the root alone; programs there ask it."""
    hints = machine.folder / "root.hints"
    hints.write_text(f". 3600 IN NS ns.\nns. 3600 IN A {names_ip}\n")
    knowing = [
        'module-config: "validator iterator"', f'trust-anchor: "{trust_anchor}"', f'root-hints: "{hints}"',
        f"cache-max-negative-ttl: {TTL}", f"infra-host-ttl: {TTL}",
    ]  # fmt: skip
    process = _unbound(machine, ip, knowing, [])
    try:
        machine.use_nameserver(ip)
        wait_until(lambda: is_proven(machine, ip, "com", "NS"), f"{machine.name} resolves names", 20)
        yield
    finally:
        process.terminate()
        process.wait()


def is_proven(machine: Machine, nameserver: str, name: str, kind: str) -> bool:
    """Whether the nameserver has an answer, and says that it is authentic."""
    found = _answered(machine, nameserver, name, kind)
    return found is not None and bool(found.flags & dns.flags.AD)


def text_of(machine: Machine, nameserver: str, name: str, kind: str) -> str:
    """The answer as text; nothing where there is none."""
    found = _answered(machine, nameserver, name, kind)
    return "" if found is None else "\n".join(map(str, found.answer))


def _answered(machine: Machine, ip: str, name: str, kind: str = "NS") -> dns.message.Message | None:
    query = dns.message.make_query(name, kind, want_dnssec=True)
    try:
        with machine.network():
            found, _ = dns.query.udp_with_fallback(query, ip, timeout=2)
    except (OSError, dns.exception.DNSException):
        return None
    return found if found.answer else None


def _unbound(
    machine: Machine, ip: str, server: Sequence[str], parts: Sequence[str]
) -> "subprocess.Popen[bytes]":
    configuration = machine.folder / f"unbound-{ip}.conf"
    words = ["server:", f"interface: {ip}", "access-control: 0.0.0.0/0 allow", *_COMMON, *server]
    configuration.write_text("\n".join([*words, "remote-control:", "control-enable: no", *parts, ""]))
    command = machine.command(unbound_program(), "-d", "-c", str(configuration))
    log: Path = machine.folder / f"unbound-{ip}.log"
    with log.open("ab") as output:
        return subprocess.Popen(command, stdout=output, stderr=output)


def _below(name: str, lines: Sequence[str]) -> list[str]:
    """The records of a name and of those below it."""
    return [line for line in lines if f".{line.split()[0]}".endswith(f".{name}.")]


def _delegations(zones: Sequence[Zone]) -> list[str]:
    return [line for zone in zones for line in zone.delegation]
