"""Verification of a whole message, with a name server of its own."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from mail.authentication.dkim.verification import Verification
from mail.authentication.results import DkimResult
from mail.dns.resolver import Resolver
from mail.mime.headers import HeaderBlock, HeaderSplitter
from tests.authentication.signing import in_zone
from tests.world.dns import FakeDns


def verify(
    message: bytes,
    records: Mapping[str, str],
    *,
    preferred: str = "",
    failing: str = "",
    cuts: tuple[int, ...] = (),
) -> tuple[DkimResult, ...]:
    """The results; the body arrives cut at these places. `failing` is a name that nobody answers about."""
    with FakeDns({name: {"TXT": in_zone(text)} for name, text in records.items()}) as server:
        if failing:
            server.fail(failing, "servfail")
        return asyncio.run(_verify(message, Resolver(server.address), preferred, cuts))


async def _verify(
    message: bytes, resolver: Resolver, preferred: str, cuts: tuple[int, ...]
) -> tuple[DkimResult, ...]:
    splitter = HeaderSplitter()
    section = splitter.feed(message) or splitter.finish()
    with ThreadPoolExecutor(1) as threads:
        verification = Verification(
            resolver, threads, HeaderBlock.parse(section.block), preferred=preferred, seconds=5
        )
        start = 0
        for cut in (*sorted(min(cut, len(section.body)) for cut in cuts), len(section.body)):
            verification.update(section.body[start:cut])
            start = cut
        return await verification.results()
