"""Asking the nameservers of a zone themselves, so that a fresh record counts at once. Pure."""

import asyncio
from dataclasses import dataclass, replace
from typing import Final

import dns.asyncquery
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode

from mail.dns.answers import Answer
from mail.dns.errors import DnsNotFound, DnsTemporary
from mail.dns.lookups import Lookups
from mail.dns.names import plain_text
from mail.dns.query import UDP_PAYLOAD_BYTES, Missing, Outcome

_MOST_SERVERS: Final = 4
_SECONDS: Final = 2.0
_STEPS: Final = 8
_FEWEST_LABELS: Final = 3
"""A domain under a top level, with the root: nobody’s zones above are worth asking."""


@dataclass(frozen=True, slots=True)
class _Zone:
    """The addresses of its nameservers, and whether it is proven to be signed."""

    servers: tuple[str, ...]
    signed: bool


class AuthoritativeLookups(Lookups):
    """Asks the nameservers of each zone; `recursive` says which they are, and answers where they don’t.

    Use from one event loop, for one check: what was found about zones is kept.
    """

    def __init__(self, recursive: Lookups, *, port: int = 53) -> None:
        self._recursive = recursive
        self._port = port
        self._zones: dict[dns.name.Name, asyncio.Task[_Zone | None]] = {}
        self._silent: set[str] = set()

    async def outcome(self, name: dns.name.Name, kind: str) -> Outcome:
        """Raises DnsTemporary."""
        asked = name
        for _ in range(_STEPS):
            found = await self._from_zone(name, kind)
            if found is None:
                break
            target = dns.name.from_text(found.canonical_name)
            if isinstance(found, Answer) or target == name:
                return replace(found, name=plain_text(asked))
            name = target
        outcome = await self._recursive.outcome(name, kind)
        return replace(outcome, name=plain_text(asked))

    async def _from_zone(self, name: dns.name.Name, kind: str) -> Outcome | None:
        zone = await self._zone_of(name)
        for ip in zone.servers if zone is not None else ():
            if ip not in self._silent:
                assert zone is not None
                response = await self._ask(ip, name, kind)
                if response is not None:
                    return _outcome(response, name, signed=zone.signed)
        return None

    async def _ask(self, ip: str, name: dns.name.Name, kind: str) -> dns.message.QueryMessage | None:
        """What a nameserver says for itself; None when it does not know better than others."""
        query = dns.message.make_query(name, kind, use_edns=0, payload=UDP_PAYLOAD_BYTES)
        query.flags &= ~dns.flags.RD
        try:
            response, _ = await dns.asyncquery.udp_with_fallback(query, ip, timeout=_SECONDS, port=self._port)
        except (dns.exception.DNSException, OSError, EOFError):
            self._silent.add(ip)
            return None
        known = response.rcode() in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN)
        if (
            not known
            or not response.flags & dns.flags.AA
            or not isinstance(response, dns.message.QueryMessage)
        ):
            return None
        return response

    async def _zone_of(self, name: dns.name.Name) -> _Zone | None:
        """The closest zone above or at the name."""
        while len(name.labels) >= _FEWEST_LABELS:
            if name not in self._zones:
                self._zones[name] = asyncio.create_task(self._find_zone(name))
            zone = await asyncio.shield(self._zones[name])
            if zone is not None:
                return zone
            name = name.parent()
        return None

    async def _find_zone(self, name: dns.name.Name) -> _Zone | None:
        try:
            answer = await self._recursive.ns(plain_text(name))
            if answer.canonical_name != plain_text(name):
                return None
            found = await asyncio.gather(
                *(self._recursive.addresses(server) for server in answer.records[:_MOST_SERVERS]),
                return_exceptions=True,
            )
        except DnsNotFound:
            return None
        except DnsTemporary:
            return _Zone((), False)
        ips = [ip for one in found if isinstance(one, Answer) for ip in one.records]
        return _Zone(tuple(dict.fromkeys(ips)), answer.authentic)


def _outcome(response: dns.message.QueryMessage, name: dns.name.Name, *, signed: bool) -> Outcome:
    chain = response.resolve_chaining()
    canonical = plain_text(chain.canonical_name)
    if chain.answer is not None:
        return Answer(plain_text(name), canonical, tuple(chain.answer), signed, chain.minimum_ttl)
    exists = response.rcode() != dns.rcode.NXDOMAIN
    return Missing(plain_text(name), canonical, exists, signed, chain.minimum_ttl)
