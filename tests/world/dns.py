"""A DNS server on loopback with zones, DNSSEC flags and faults, for the whole test suite.

    with FakeDns({"example.org": {"MX": ["10 mx.example.org."]}}) as dns:
        resolver = Resolver(dns.address, trusted=True)

It answers like a recursive resolver: CNAME chains inside the zone data are followed.
"""

import contextlib
import socketserver
import struct
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

Zones = Mapping[str, Mapping[str, Sequence[str]]]


@dataclass(frozen=True)
class Fault:
    """What goes wrong for a name: `kind` is servfail, drop, slow or truncated (TCP then has the answer)."""

    kind: str
    event: threading.Event | None = None


class FakeDns:
    """UDP and TCP on the same random port of 127.0.0.1.

    `zones` maps name → type → values in zone file form (a CNAME loop is two CNAME records). Names listed in
    `authentic` are answered with the AD bit. `queries` holds every question as (name, type) in order. With
    `authoritative` it answers as the nameserver of its zones.
    """

    def __init__(self, zones: Zones | None = None, *, ttl: int = 300) -> None:
        self.zones: dict[str, dict[str, list[str]]] = {}
        self.authentic: set[str] = set()
        self.queries: list[tuple[str, str]] = []
        self.first_query = threading.Event()
        self.ttl = ttl
        self.authoritative = False
        self._faults: dict[tuple[str, str | None], Fault] = {}
        for name, records in (zones or {}).items():
            self.add(name, records)
        self._servers = _bind_pair(self)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port to ask."""
        return ("127.0.0.1", self._servers[0].server_address[1])

    def add(self, name: str, records: Mapping[str, Sequence[str]]) -> None:
        """Replace the record sets of `name` that `records` mentions."""
        known = self.zones.setdefault(_plain(name), {})
        known.update({kind.upper(): list(values) for kind, values in records.items()})

    def remove(self, name: str) -> None:
        """Let `name` not exist any more."""
        self.zones.pop(_plain(name), None)

    def fail(
        self, name: str, kind: str, *, record_type: str | None = None, event: threading.Event | None = None
    ) -> None:
        """From now on questions about `name` (of one type or all) meet a fault; slow waits for `event`."""
        assert kind in {"servfail", "drop", "slow", "truncated"}, kind
        self._faults[_plain(name), record_type] = Fault(kind, event)

    def heal(self, name: str, *, record_type: str | None = None) -> None:
        """End a fault."""
        self._faults.pop((_plain(name), record_type), None)

    def asked(self, name: str, record_type: str) -> int:
        """How often this question came."""
        return self.queries.count((_plain(name), record_type))

    def answer(self, wire: bytes, *, over_tcp: bool) -> bytes | None:
        """The response to one question in wire form; None to stay silent."""
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name, kind = _plain(question.name.to_text()), dns.rdatatype.to_text(question.rdtype)
        self.queries.append((name, kind))
        self.first_query.set()
        fault = self._faults.get((name, kind)) or self._faults.get((name, None))
        response = dns.message.make_response(query, recursion_available=True)
        if self.authoritative:
            response.flags |= dns.flags.AA
        if fault is not None and fault.kind == "drop":
            return None
        if fault is not None and fault.kind == "slow":
            assert fault.event is not None
            fault.event.wait(30)
        if fault is not None and fault.kind == "servfail":
            response.set_rcode(dns.rcode.SERVFAIL)
        elif fault is not None and fault.kind == "truncated" and not over_tcp:
            response.flags |= dns.flags.TC
        else:
            self._fill(response, name, kind)
        return response.to_wire(max_size=65535)

    def _fill(self, response: dns.message.Message, name: str, kind: str) -> None:
        authentic = name in self.authentic
        seen: set[str] = set()
        while name not in seen:
            seen.add(name)
            records = self.zones.get(name)
            if records is None:
                if not any(other.endswith("." + name) for other in self.zones):
                    response.set_rcode(dns.rcode.NXDOMAIN)
                break
            if kind in records:
                response.answer.extend(self._rrsets(name, kind, records[kind]))
                break
            if "CNAME" not in records:
                break
            response.answer.extend(self._rrsets(name, "CNAME", records["CNAME"]))
            name = _plain(records["CNAME"][0])
            authentic = authentic and name in self.authentic
        if authentic:
            response.flags |= dns.flags.AD

    def _rrsets(self, name: str, kind: str, values: Sequence[str]) -> list[dns.rrset.RRset]:
        """One for each value: dnspython shuffles the records inside a set, and tests count on the order."""
        owner = dns.name.from_text(name)
        return [
            dns.rrset.from_text_list(owner, self.ttl, "IN", kind, [value], relativize=False)
            for value in values
        ]

    def close(self) -> None:
        """Stop answering."""
        for fault in self._faults.values():
            if fault.event is not None:
                fault.event.set()
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def __enter__(self) -> "FakeDns":
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _UdpHandler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        wire, sock = self.request
        answer = self.server.dns.answer(wire, over_tcp=False)  # type: ignore[attr-defined]
        if answer is not None:
            with contextlib.suppress(OSError):
                sock.sendto(answer, self.client_address)


class _TcpHandler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        while len(head := self.rfile.read(2)) == 2:
            wire = self.rfile.read(struct.unpack("!H", head)[0])
            answer = self.server.dns.answer(wire, over_tcp=True)  # type: ignore[attr-defined]
            if answer is None:
                return
            with contextlib.suppress(OSError):
                self.wfile.write(struct.pack("!H", len(answer)) + answer)


class _Udp(socketserver.ThreadingUDPServer):
    daemon_threads = True
    block_on_close = False
    dns: FakeDns


class _Tcp(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    dns: FakeDns


def _bind_pair(owner: FakeDns) -> tuple[Any, Any]:
    """A UDP and a TCP server on one port number; a number taken on one side is given back."""
    for _ in range(50):
        udp = _Udp(("127.0.0.1", 0), _UdpHandler)
        try:
            tcp = _Tcp(("127.0.0.1", udp.server_address[1]), _TcpHandler)
        except OSError:
            udp.server_close()
            continue
        udp.dns = tcp.dns = owner
        return udp, tcp
    raise RuntimeError("no port is free for UDP and TCP at once")


def _plain(name: str) -> str:
    return name.lower().removesuffix(".")
