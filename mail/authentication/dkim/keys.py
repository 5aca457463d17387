"""Looking up public keys (RFC 6376 section 6.1.2). Pure."""

import asyncio
from dataclasses import dataclass
from typing import Final

from mail.authentication.dkim.key import KeyUnusable, PublicKey, read_key
from mail.dkim.record import record_name
from mail.dns.errors import DnsNotFound, DnsTemporary
from mail.dns.resolver import Resolver

MOST_RECORDS: Final = 3
"""Keys at one name that are tried; there should be one."""


@dataclass(frozen=True, slots=True)
class KeyMissing:
    """There is no usable key. `temporary` when nobody answered, `weak` when it is too small."""

    reason: str
    temporary: bool = False
    weak: bool = False


async def find_keys(
    resolver: Resolver, selector: str, domain: str, seconds: float
) -> tuple[PublicKey, ...] | KeyMissing:
    """The keys of a selector, one as a rule. Never raises."""
    try:
        async with asyncio.timeout(seconds):
            texts = (await resolver.txt(record_name(selector, domain))).records
    except DnsNotFound:
        return KeyMissing("there is no such key")
    except (DnsTemporary, TimeoutError):
        return KeyMissing("no answer about the key", temporary=True)
    found: list[PublicKey] = []
    problems: list[KeyUnusable] = []
    for text in texts[:MOST_RECORDS]:
        try:
            found.append(read_key(text))
        except KeyUnusable as error:
            problems.append(error)
    return tuple(found) or KeyMissing(str(problems[0]), weak=problems[0].weak)
