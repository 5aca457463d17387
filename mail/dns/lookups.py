"""Look-ups with typed answers, whoever knows the records."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, TypeVar

import dns.exception
import dns.name
import dns.reversename

from mail.dns.answers import Answer, CaaRecord, MxRecord, SrvRecord, TlsaRecord
from mail.dns.errors import DnsNotFound, DnsTemporary
from mail.dns.names import absolute_name, is_localhost, plain_text
from mail.dns.query import Missing, Outcome

Record = TypeVar("Record")


class Lookups(ABC):
    """Every lookup raises DnsNotFound when there are no such records, DnsTemporary when that is not known."""

    @abstractmethod
    async def outcome(self, name: dns.name.Name, kind: str) -> Outcome:
        """The records of an absolute name and a type, or that there are none. Raises DnsTemporary."""

    async def mx(self, name: str) -> Answer[MxRecord]:
        """The mail exchangers of a domain, lowest preference first."""
        answer = await self._lookup(absolute_name(name), "MX", _mx_record)
        records = sorted(answer.records, key=lambda record: (record.preference, record.host))
        return Answer(answer.name, answer.canonical_name, tuple(records), answer.authentic, answer.ttl)

    async def addresses(self, name: str, ipv4: bool = True, ipv6: bool = True) -> Answer[str]:
        """The IP addresses of a host as text, IPv4 first, each family in the order of the nameserver.

        One family is enough when the other can't be looked up. localhost is answered here.
        """
        if is_localhost(name):
            return _localhost(name, ipv4, ipv6)
        wanted = [kind for kind, use in (("A", ipv4), ("AAAA", ipv6)) if use]
        absolute = absolute_name(name)
        lookups = [self._lookup(absolute, kind, _address) for kind in wanted]
        return _join_families(name, await asyncio.gather(*lookups, return_exceptions=True))

    async def txt(self, name: str) -> Answer[str]:
        """The TXT records, the strings of each joined without a space (RFC 7208 section 3.3)."""
        return await self._lookup(absolute_name(name), "TXT", _txt_record)

    async def tlsa(self, name: str) -> Answer[TlsaRecord]:
        """The certificate associations at `name`, such as _25._tcp.mx.example (RFC 7672 section 2.2)."""
        return await self._lookup(absolute_name(name), "TLSA", _tlsa_record)

    async def caa(self, name: str) -> Answer[CaaRecord]:
        """Which authorities may issue certificates for this name; names above are for the caller to ask."""
        return await self._lookup(absolute_name(name), "CAA", _caa_record)

    async def srv(self, name: str) -> Answer[SrvRecord]:
        """Where a service is, such as _submissions._tcp.example.org, lowest priority first (RFC 2782)."""
        answer = await self._lookup(absolute_name(name), "SRV", _srv_record)
        records = sorted(answer.records, key=lambda record: (record.priority, record.target))
        return Answer(answer.name, answer.canonical_name, tuple(records), answer.authentic, answer.ttl)

    async def ns(self, name: str) -> Answer[str]:
        """The nameservers of a zone."""
        return await self._lookup(absolute_name(name), "NS", _target)

    async def ptr(self, ip: str) -> Answer[str]:
        """The host names of an IP address. Raises ValueError when `ip` is none."""
        try:
            name = dns.reversename.from_address(ip)
        except (dns.exception.SyntaxError, OSError):
            raise ValueError(f"{ip!r} is not an IP address") from None
        return (await self._lookup(name, "PTR", _target)).renamed(ip)

    async def _lookup(
        self, name: dns.name.Name, kind: str, convert: Callable[[Any], Record]
    ) -> Answer[Record]:
        outcome = await self.outcome(name, kind)
        if isinstance(outcome, Missing):
            raise outcome.error(kind)
        return outcome.convert(convert)


def _join_families(name: str, results: list[Answer[str] | BaseException]) -> Answer[str]:
    found = [result for result in results if isinstance(result, Answer)]
    errors = [result for result in results if isinstance(result, BaseException)]
    for error in errors:
        if not isinstance(error, DnsNotFound | DnsTemporary):
            raise error
    if not found:
        raise next((error for error in errors if isinstance(error, DnsTemporary)), None) or _no_address(
            name, errors
        )
    records = tuple(record for answer in found for record in answer.records)
    authentic = all(answer.authentic for answer in found)
    return Answer(
        found[0].name, found[0].canonical_name, records, authentic, min(answer.ttl for answer in found)
    )


def _no_address(name: str, errors: list[BaseException]) -> DnsNotFound:
    missing = [error for error in errors if isinstance(error, DnsNotFound)]
    exists = any(error.exists for error in missing)
    return DnsNotFound(
        name,
        f"{name} has no address" if exists else f"{name} does not exist",
        exists=exists,
        canonical_name=missing[0].canonical_name if missing else name,
        authentic=bool(missing) and all(error.authentic for error in missing),
    )


def _localhost(name: str, ipv4: bool, ipv6: bool) -> Answer[str]:
    records = (("127.0.0.1",) if ipv4 else ()) + (("::1",) if ipv6 else ())
    return Answer(name.lower(), name.lower(), records, False, 0)


def _mx_record(rdata: Any) -> MxRecord:
    return MxRecord(rdata.preference, plain_text(rdata.exchange))


def _address(rdata: Any) -> str:
    return str(rdata.address)


def _txt_record(rdata: Any) -> str:
    return b"".join(rdata.strings).decode("utf-8", "replace")


def _target(rdata: Any) -> str:
    return plain_text(rdata.target)


def _srv_record(rdata: Any) -> SrvRecord:
    return SrvRecord(rdata.priority, rdata.weight, rdata.port, plain_text(rdata.target))


def _tlsa_record(rdata: Any) -> TlsaRecord:
    return TlsaRecord(rdata.usage, rdata.selector, rdata.mtype, rdata.cert)


def _caa_record(rdata: Any) -> CaaRecord:
    tag, value = (part.decode("ascii", "replace") for part in (rdata.tag, rdata.value))
    return CaaRecord(bool(rdata.flags & 128), tag.lower(), value)
