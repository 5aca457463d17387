"""Finding the policy of a domain (RFC 7489 section 6.6.3). Pure."""

import asyncio
from dataclasses import dataclass

from mail.authentication.dmarc.organization import organizational_domain
from mail.authentication.dmarc.record import DmarcRecord, is_record, read_record
from mail.dns.errors import DnsNotFound, DnsTemporary
from mail.dns.resolver import Resolver


@dataclass(frozen=True, slots=True)
class Policy:
    """What was found for a domain: the record, None without one, and where it stands.

    `unknown` when nobody answered.
    """

    record: DmarcRecord | None = None
    domain: str = ""
    unknown: bool = False


async def find_policy(resolver: Resolver, author: str, seconds: float) -> Policy:
    """The policy for mail from the author's domain: its own, or that of its organization. Never raises."""
    domains = dict.fromkeys((author, organizational_domain(author)))
    try:
        async with asyncio.timeout(seconds):
            for domain in domains:
                texts = [text for text in await _texts(resolver, domain) if is_record(text)]
                if texts:
                    # Several records are none (section 6.6.3, step 5).
                    return Policy(read_record(texts[0]) if len(texts) == 1 else None, domain)
    except (DnsTemporary, TimeoutError):
        return Policy(unknown=True)
    return Policy()


async def _texts(resolver: Resolver, domain: str) -> tuple[str, ...]:
    try:
        return (await resolver.txt(f"_dmarc.{domain}")).records
    except DnsNotFound:
        return ()
