"""Having a policy again: from the network to what is kept (RFC 8461 section 3.3)."""

import logging
from dataclasses import replace

from delivery.mtasts.fetch import PolicyFetcher, PolicyUnavailable
from delivery.mtasts.policy import InvalidPolicy, Mode, parse_policy
from delivery.mtasts.stored import StoredPolicy
from delivery.mtasts.threads import DaemonThreads
from delivery.tlsresults.outcome import ResultType
from mail import clock
from mail.dns.errors import DnsError
from mail.dns.resolver import Resolver

log = logging.getLogger(__name__)

RETRY = 5 * clock.MINUTE
"""How long a policy host is left alone after a failure (RFC 8461 section 3.3)."""

ADDRESS_LIMIT = 4


async def renewed(
    domain: str,
    record_id: str,
    kept: StoredPolicy | None,
    fetcher: PolicyFetcher,
    resolver: Resolver,
    threads: DaemonThreads,
) -> StoredPolicy:
    """What is known about the domain after an attempt to fetch its policy.

    After a failure that is what was `kept`, with the problem and the time until the next attempt.
    """
    moment = clock.now()
    used = kept.used if kept else moment
    try:
        text = await _fetched(domain, fetcher, resolver, threads)
        policy = parse_policy(text)
    except PolicyUnavailable as error:
        result, problem = error.result, str(error)
    except InvalidPolicy as error:
        result, problem = ResultType.STS_POLICY_INVALID, str(error)
    else:
        expires = moment + policy.max_age * clock.SECOND
        return StoredPolicy(domain, record_id, policy, text, moment, expires, used)
    base = kept or StoredPolicy(domain, record_id, None, used=used)
    level = logging.INFO if base.policy is None or base.policy.mode is Mode.NONE else logging.WARNING
    log.log(level, "MTA-STS policy not renewed", extra={"fields": {"domain": domain, "reason": problem}})
    return replace(base, retry_after=moment + RETRY, problem=f"{result.value}: {problem}")


async def _fetched(domain: str, fetcher: PolicyFetcher, resolver: Resolver, threads: DaemonThreads) -> str:
    try:
        answer = await resolver.addresses(f"mta-sts.{domain}")
    except DnsError as error:
        raise PolicyUnavailable(str(error)) from error
    addresses = answer.records[:ADDRESS_LIMIT]
    return await threads.run(fetcher.fetch, domain, addresses)
