"""What every section is given, and what several of them do. Pure."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from mail.dns.answers import Answer, MxRecord
from mail.dns.errors import DnsNotFound, DnsTemporary
from mail.dns.lookups import Lookups
from moxsite.setup.dnscheck.findings import Section
from moxsite.setup.needs.facts import Facts

Found = TypeVar("Found")
Item = TypeVar("Item")


class ServerProblem(Exception):
    """A server does not do what it should. The text says what it does."""


class Servers(Protocol):
    """Connections to servers. Each method raises ServerProblem."""

    async def smtp_tls(self, host: str, ip: str) -> None:
        """Connect to port 25, and have TLS with a certificate that is valid for the host."""

    async def smtp_key(self, host: str, ip: str) -> str:
        """The SHA-256 of the public key that is shown at port 25, in hex, whoever vouches for it."""

    async def https(self, host: str, ip: str) -> None:
        """Connect to port 443, and have TLS with a certificate that is valid for the host."""

    async def policy(self, domain: str, ips: tuple[str, ...]) -> str:
        """The MTA-STS policy of a domain, from its policy host."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check of one domain.

    `dns` gives answers as fresh as can be had, `recursive` those of the configured resolver. Without
    `servers` nothing is connected to, because what is checked is not published yet.
    """

    facts: Facts
    dns: Lookups
    recursive: Lookups
    servers: Servers | None = None


async def or_none(lookup: Coroutine[Any, Any, Answer[Found]]) -> Answer[Found] | None:
    """The answer; None when there are no such records. Raises DnsTemporary."""
    try:
        return await lookup
    except DnsNotFound:
        return None


async def records(lookup: Coroutine[Any, Any, Answer[Found]]) -> tuple[Found, ...]:
    """The records, none when there are none. Raises DnsTemporary."""
    answer = await or_none(lookup)
    return answer.records if answer is not None else ()


async def each(
    section: Section, items: Iterable[Item], look: Callable[[Item], Coroutine[Any, Any, None]]
) -> None:
    """Look at all items at the same time. An answer that is missing for one hides nothing of the others."""

    async def one(item: Item) -> None:
        try:
            await look(item)
        except DnsTemporary as error:
            section.error(no_answer(error))

    await asyncio.gather(*(one(item) for item in items))


def no_answer(error: DnsTemporary) -> str:
    """What to say of a look-up that failed."""
    name = error.name or "the root"
    return f"No answer from DNS: {error}. Look at the nameservers of {name}, then check again."


async def mail_hosts(check: Check) -> tuple[MxRecord, ...]:
    """The MX records that name hosts. Raises DnsTemporary."""
    return tuple(found for found in await records(check.dns.mx(check.facts.domain)) if not found.is_null)
