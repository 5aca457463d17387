"""A real validating resolver (unbound) with zones of its own, signed by BIND's tools or not at all."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import dns.flags
import dns.message
import dns.query

from tests.world.ports import free_port
from tests.world.waiting import wait_until

PROGRAMS = ("unbound", "dnssec-keygen", "dnssec-signzone")


def missing() -> str:
    """Why it can't be used here; empty when it can."""
    absent = [program for program in PROGRAMS if _program(program) is None]
    return f"not installed: {', '.join(absent)}" if absent else ""


class Zone:
    """A zone. `spoil` exchanges text in the file after signing, which validation must notice.

    `nameserver` is the address of the server that has it; `ttl` in seconds, for what is missing too.
    """

    def __init__(
        self,
        name: str,
        records: Sequence[str],
        *,
        signed: bool,
        spoil: tuple[str, str] | None = None,
        nameserver: str = "127.0.0.1",
        ttl: int = 300,
    ) -> None:
        self.name = name
        self.signed = signed
        self._records = records
        self._spoil = spoil
        self._nameserver = nameserver
        self._ttl = ttl
        self.trust_anchor = ""
        self.delegation = [f"{name}. NS ns.{name}.", f"ns.{name}. A {nameserver}"]
        """Records for the zone above, complete when this one was written."""

    def write(self, folder: Path) -> Path:
        """The file that unbound reads; written again it is signed with the same key."""
        origin = f"{self.name}." if self.name else "."
        plain = folder / f"{self.name or 'root'}.zone"
        head = [f"$ORIGIN {origin}", f"$TTL {self._ttl}", f"@ SOA ns hostmaster 1 3600 900 86400 {self._ttl}"]
        head += ["@ NS ns", f"ns A {self._nameserver}"]
        plain.write_text("\n".join([*head, *self._records, ""]))
        if not self.signed:
            return plain
        if not list(folder.glob(f"K{origin}+*.key")):
            _run(folder, "dnssec-keygen", "-a", "ECDSAP256SHA256", "-f", "KSK", origin)
        _run(folder, "dnssec-signzone", "-S", "-z", "-o", origin, "-f", f"{plain}.signed", str(plain))
        (key,) = folder.glob(f"K{origin}+*.key")
        key_lines = key.read_text().splitlines()
        self.trust_anchor = next(line for line in key_lines if not line.startswith(";"))
        self.delegation += (folder / f"dsset-{origin}").read_text().splitlines()
        result = Path(f"{plain}.signed")
        if self._spoil is not None:
            text = result.read_text()
            assert self._spoil[0] in text
            result.write_text(text.replace(*self._spoil))
        return result


@contextmanager
def validating_resolver(folder: Path, *zones: Zone) -> Iterator[tuple[str, int]]:
    """Where the resolver listens."""
    port = free_port()
    configuration = folder / "unbound.conf"
    configuration.write_text(_configuration(folder, port, zones))
    program = unbound_program()
    process = subprocess.Popen(
        [program, "-d", "-c", str(configuration)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        wait_until(lambda: _answers(port, zones[0].name), "unbound answers", 20)
        yield ("127.0.0.1", port)
    finally:
        process.terminate()
        process.communicate(timeout=20)


def _configuration(folder: Path, port: int, zones: Sequence[Zone]) -> str:
    parts = [
        "server:", f'  directory: "{folder}"', '  username: ""', '  chroot: ""', '  pidfile: ""',
        "  interface: 127.0.0.1", f"  port: {port}", "  do-daemonize: no", "  use-syslog: no",
        '  module-config: "validator iterator"', "  do-not-query-localhost: no", "  num-threads: 1",
        "remote-control:", "  control-enable: no",
    ]  # fmt: skip
    for zone in zones:
        path = zone.write(folder)
        parts += ["auth-zone:", f'  name: "{zone.name}."', f'  zonefile: "{path}"']
        parts += ["  for-downstream: no", "  for-upstream: yes", "  fallback-enabled: no"]
        if zone.trust_anchor:
            parts.insert(1, f'  trust-anchor: "{zone.trust_anchor}"')
    return "\n".join(parts) + "\n"


def unbound_program() -> str:
    """The path of unbound, which is not missing."""
    program = _program("unbound")
    assert program is not None
    return program


def _answers(port: int, name: str) -> bool:
    query = dns.message.make_query(name, "SOA")
    try:
        return bool(dns.query.udp(query, "127.0.0.1", port=port, timeout=1).answer)
    except (OSError, dns.exception.DNSException):
        return False


def _program(name: str) -> str | None:
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/bin")


def _run(folder: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout
