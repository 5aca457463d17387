"""DNS lookups for one event loop: typed answers, two errors, a cache, and a deadline for each."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

import dns.name
import dns.rdata
import dns.reversename

from mail.dns.answers import Answer, MxRecord, TlsaRecord
from mail.dns.cache import AnswerCache
from mail.dns.errors import DnsNotFound, DnsTemporary
from mail.dns.names import absolute_name, is_localhost, plain_text
from mail.dns.query import Missing, Outcome, ask, make_stub

Record = TypeVar("Record")


class Resolver:
    """Asks a recursive nameserver: `nameserver` (address, port), or those of /etc/resolv.conf.

    `trusted` says that the nameserver validates DNSSEC and that the way to it is safe: only then does an
    answer's AD bit count (RFC 6698 appendix A.3). One try takes `try_seconds`, a lookup with all its tries
    `deadline_seconds`. Use from one event loop.

    Every lookup raises DnsNotFound when there are no such records, DnsTemporary when that is not known.
    """

    def __init__(
        self,
        nameserver: tuple[str, int] | None = None,
        *,
        trusted: bool = False,
        try_seconds: float = 3.0,
        deadline_seconds: float = 20.0,
        cache_limit: int = 10_000,
    ) -> None:
        self._stub = make_stub(nameserver, try_seconds)
        self._trusted = trusted
        self._deadline_seconds = deadline_seconds
        self._cache: AnswerCache[Outcome] = AnswerCache(cache_limit)
        self._running: dict[tuple[str, str], asyncio.Task[Outcome]] = {}

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

    async def cname(self, name: str) -> Answer[str]:
        """The name that `name` is an alias of: one step, not the end of the chain."""
        return await self._lookup(absolute_name(name), "CNAME", _target)

    async def tlsa(self, name: str) -> Answer[TlsaRecord]:
        """The certificate associations at `name`, such as _25._tcp.mx.example (RFC 7672 section 2.2)."""
        return await self._lookup(absolute_name(name), "TLSA", _tlsa_record)

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
        key = (kind, plain_text(name))
        outcome = self._cache.get(key)
        if outcome is None:
            outcome = await asyncio.shield(self._shared_question(key, name))
        if isinstance(outcome, Missing):
            raise outcome.error(kind)
        return outcome.convert(convert)

    def _shared_question(self, key: tuple[str, str], name: dns.name.Name) -> "asyncio.Task[Outcome]":
        """One question on its way for all who ask the same at the same time."""
        task = self._running.get(key)
        if task is None:
            task = asyncio.create_task(self._question(key, name))
            self._running[key] = task
            task.add_done_callback(lambda done: self._question_ended(key, done))
        return task

    async def _question(self, key: tuple[str, str], name: dns.name.Name) -> Outcome:
        seconds = self._deadline_seconds
        try:
            async with asyncio.timeout(seconds):
                outcome = await ask(self._stub, name, key[0], seconds, trusted=self._trusted)
        except TimeoutError:
            raise DnsTemporary(key[1], f"no answer about {key[1]} {key[0]} in {seconds:g} s") from None
        self._cache.put(key, outcome, outcome.ttl)
        return outcome

    def _question_ended(self, key: tuple[str, str], task: "asyncio.Task[Outcome]") -> None:
        self._running.pop(key, None)
        if not task.cancelled():
            # Everyone who waited may be gone; asyncio would report an error that nobody has seen.
            task.exception()


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


def _tlsa_record(rdata: Any) -> TlsaRecord:
    return TlsaRecord(rdata.usage, rdata.selector, rdata.mtype, rdata.cert)
