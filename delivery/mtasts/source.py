"""The policy that holds for a domain: its record is looked up each time, its text is kept (RFC 8461)."""

import asyncio
import logging

from delivery.metrics import MTA_STS_POLICIES
from delivery.mtasts.fetch import PolicyFetcher
from delivery.mtasts.policy import Mode
from delivery.mtasts.record import PREFIX, InvalidRecord, policy_id
from delivery.mtasts.renewal import renewed
from delivery.mtasts.stored import USE_NOTED, NotePolicyUse, SavePolicy, StoredPolicy, load_policy
from delivery.mtasts.threads import DaemonThreads
from delivery.transports.policies import NO_POLICY, DomainPolicy
from mail import clock
from mail.dns.errors import DnsNotFound, DnsTemporary
from mail.dns.resolver import Resolver
from mail.store import readers
from mail.store.writer import Writer

log = logging.getLogger(__name__)

THREADS = 64
"""Policy hosts that may be slow at the same time before others wait for them."""


class StoredPolicies:
    """A PolicySource for one event loop, over the table that all workers share."""

    def __init__(self, writer: Writer, fetcher: PolicyFetcher) -> None:
        self._writer = writer
        self._fetcher = fetcher
        self._threads = DaemonThreads(THREADS)
        self._fetching: dict[str, asyncio.Task[StoredPolicy]] = {}

    async def mta_sts(self, domain: str, resolver: Resolver) -> DomainPolicy:
        """As PolicySource has it."""
        kept = await asyncio.wrap_future(readers.run(load_policy, domain))
        moment = clock.now()
        valid = kept is not None and kept.valid(moment)
        try:
            record = policy_id((await resolver.txt(PREFIX + domain)).records)
        except DnsTemporary:
            if not valid:
                MTA_STS_POLICIES.add("error")
                raise
            return self._used(kept)
        except DnsNotFound:
            record = None
        except InvalidRecord as error:
            log.info("MTA-STS record not understood", extra=_fields(domain, str(error)))
            record = None
        if record is None:
            MTA_STS_POLICIES.add("ok" if valid else "notfound")
            return self._without_record(kept) if valid else NO_POLICY
        if kept is not None and (moment < kept.retry_after or (valid and kept.record_id == record)):
            MTA_STS_POLICIES.add("backoff" if moment < kept.retry_after else "ok")
            return self._used(kept)
        return self._used(await self._fetch(domain, record, kept, resolver))

    def _without_record(self, kept: StoredPolicy | None) -> DomainPolicy:
        """The domain's record has gone but its policy holds: whoever forges DNS could make it vanish."""
        if kept is not None and kept.policy is not None and kept.policy.mode is not Mode.NONE:
            log.warning("MTA-STS record has vanished, its policy still holds", extra=_fields(kept.domain, ""))
        return self._used(kept)

    def _used(self, kept: StoredPolicy | None) -> DomainPolicy:
        if kept is None:
            return NO_POLICY
        moment = clock.now()
        if kept.used < moment - USE_NOTED:
            self._writer.submit(NotePolicyUse(kept.domain, moment))
        policy = kept.policy if kept.valid(moment) else None
        return DomainPolicy(policy, kept.problem_type, kept.problem.partition(": ")[2])

    async def _fetch(
        self, domain: str, record: str, kept: StoredPolicy | None, resolver: Resolver
    ) -> StoredPolicy:
        """One fetch for all who need the same policy at the same time; who gives up doesn't end it."""
        task = self._fetching.get(domain)
        if task is None:
            task = asyncio.create_task(self._fetch_and_keep(domain, record, kept, resolver))
            self._fetching[domain] = task
            task.add_done_callback(lambda _: self._fetching.pop(domain))
        return await asyncio.shield(task)

    async def _fetch_and_keep(
        self, domain: str, record: str, kept: StoredPolicy | None, resolver: Resolver
    ) -> StoredPolicy:
        stored = await renewed(domain, record, kept, self._fetcher, resolver, self._threads)
        MTA_STS_POLICIES.add("error" if stored.retry_after > clock.now() else "ok")
        try:
            await asyncio.wrap_future(self._writer.submit(SavePolicy(stored)))
        except Exception:
            # The policy is known all the same; it is fetched again for the next message.
            log.exception("an MTA-STS policy could not be kept", extra=_fields(domain, ""))
        return stored


def _fields(domain: str, reason: str) -> dict[str, dict[str, str]]:
    return {"fields": {"domain": domain, "reason": reason}}
