"""Renewing policies in the background, and forgetting those not needed (RFC 8461 section 10.2)."""

import asyncio
import logging
from collections.abc import Sequence

from django.conf import settings

from delivery.mtasts.fetch import PolicyFetcher
from delivery.mtasts.record import PREFIX, InvalidRecord, policy_id
from delivery.mtasts.renewal import renewed
from delivery.mtasts.stored import ForgetPolicies, SavePolicy, StoredPolicy, load_old_policies
from delivery.mtasts.threads import DaemonThreads
from mail import clock
from mail.dns.errors import DnsError
from mail.dns.resolver import Resolver
from mail.periodic.registry import every
from mail.store import readers
from mail.store.writer import Writer, writer

log = logging.getLogger(__name__)

OLD = clock.DAY
"""A policy that was fetched longer ago is fetched again, so that it does not run out while nobody writes."""

AT_A_TIME = 8
ROUND_SECONDS = 480.0
"""The lease of a periodic job is ten minutes."""

ROUND_LIMIT = 400


@every(minutes=30, name="mta-sts")
def refresh_policies() -> None:
    """Fetch old policies again, and forget what nobody needs."""
    old = readers.run(load_old_policies, clock.now() - OLD, ROUND_LIMIT).result()
    if old:
        fetcher = PolicyFetcher(settings.MOXSITE_TLS_CA_FILE or None)
        nameserver = settings.MOXSITE_RESOLVER
        asyncio.run(refresh(old, fetcher, nameserver, writer()))
    writer().submit(ForgetPolicies()).result()


async def refresh(
    old: Sequence[StoredPolicy],
    fetcher: PolicyFetcher,
    nameserver: tuple[str, int] | None,
    keep: Writer,
) -> None:
    """Fetch these policies again, within `ROUND_SECONDS`. What fails stays as it was."""
    resolver = Resolver(nameserver)
    turn = asyncio.Semaphore(AT_A_TIME)
    threads = DaemonThreads(AT_A_TIME)

    async def one(stored: StoredPolicy) -> None:
        async with turn:
            record = await _record_id(stored, resolver)
            fresh = await renewed(stored.domain, record, stored, fetcher, resolver, threads)
            await asyncio.wrap_future(keep.submit(SavePolicy(fresh)))

    try:
        async with asyncio.timeout(ROUND_SECONDS):
            await asyncio.gather(*(one(stored) for stored in old))
    except TimeoutError:
        log.warning("not all MTA-STS policies could be renewed in time")


async def _record_id(stored: StoredPolicy, resolver: Resolver) -> str:
    """The id that the domain announces now; the known one while none can be had."""
    try:
        return policy_id((await resolver.txt(PREFIX + stored.domain)).records) or stored.record_id
    except (DnsError, InvalidRecord):
        return stored.record_id
