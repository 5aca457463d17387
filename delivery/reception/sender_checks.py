"""What is asked about the senders of mail from other servers, and when.

The client and the envelope sender are looked up while recipients are named; keys and the policy of the
author's domain while the body arrives. Nothing is waited for before its end.
"""

import asyncio
import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from delivery.smtp.server.backend import SessionInfo
from mail.addresses.address import Address
from mail.authentication.author import author_domain
from mail.authentication.dkim.verification import Verification
from mail.authentication.dmarc.discovery import Policy, find_policy
from mail.authentication.dmarc.evaluation import evaluate
from mail.authentication.dmarc.organization import load_public_suffixes
from mail.authentication.iprev import check_iprev
from mail.authentication.recent import RecentResults, settled
from mail.authentication.results import IprevResult, Result, SenderResults, SpfResult
from mail.authentication.spf.check import SpfCheck, is_domain
from mail.dns.resolver import Resolver
from mail.mime.headers import HeaderBlock

CHECK_SECONDS: Final = 10.0
"""For each of the look-ups together that one method needs."""

SPF_THREADS: Final = 100
"""Evaluations that wait for answers at the same time."""

VERIFYING_THREADS: Final = 2
_SIGNATURE: Final = "dkim-signature"


class SenderChecks:
    """The checks of one event loop, with what was found lately."""

    def __init__(self, resolver: Resolver, *, hostname: str) -> None:
        self.resolver = resolver
        self._waiting = ThreadPoolExecutor(SPF_THREADS, "spf")
        self.verifying = ThreadPoolExecutor(VERIFYING_THREADS, "dkim")
        self.verifying.submit(load_public_suffixes)
        self._spf = SpfCheck(resolver, self._waiting, receiver=hostname, seconds=CHECK_SECONDS)
        self._iprev_results: RecentResults[IprevResult] = RecentResults(_is_temporary)
        self._spf_results: RecentResults[SpfResult] = RecentResults(_is_temporary)
        self._policies: RecentResults[Policy] = RecentResults(lambda policy: policy.unknown)

    def begin(self, session: SessionInfo, sender: Address | None) -> "SenderCheck":
        """Look up the client and the envelope sender."""
        return SenderCheck(self, session, sender)

    def iprev(self, ip: str) -> IprevResult | asyncio.Task[IprevResult]:
        """The reverse DNS of the client."""
        return self._iprev_results.ask(("", ip), partial(check_iprev, self.resolver, ip, CHECK_SECONDS))

    def helo(self, ip: str, helo: str) -> SpfResult | asyncio.Task[SpfResult]:
        """SPF for the client's name."""
        return self._spf_results.ask((ip, helo), partial(self._spf.helo, ip, helo))

    def mailfrom(self, ip: str, helo: str, sender: Address) -> SpfResult | asyncio.Task[SpfResult]:
        """SPF for the envelope sender."""
        find = partial(self._spf.mailfrom, ip, sender, helo)
        return self._spf_results.ask((ip, f"{helo} {sender}"), find)

    def policy(self, author: str) -> Policy | asyncio.Task[Policy]:
        """The DMARC policy for mail from a domain."""
        return self._policies.ask(("", author), partial(find_policy, self.resolver, author, CHECK_SECONDS))

    def close(self) -> None:
        """Wait for nothing any more."""
        self._waiting.shutdown(wait=False, cancel_futures=True)
        self.verifying.shutdown(wait=False, cancel_futures=True)


class SenderCheck:
    """The checks of one message. First `author_is`, then the body, then `results`."""

    def __init__(self, checks: SenderChecks, session: SessionInfo, sender: Address | None) -> None:
        ip, helo = session.remote_address, session.ehlo_name
        self._checks = checks
        self._iprev = checks.iprev(ip)
        self._helo = checks.helo(ip, helo) if is_domain(helo) else None
        self._spf = checks.helo(ip, helo) if sender is None else checks.mailfrom(ip, helo, sender)
        self._author = ""
        self._policy: Policy | asyncio.Task[Policy] = Policy()
        self._signatures: Verification | None = None

    def read_header(self, header: HeaderBlock) -> Verification | None:
        """Ask for the policy and the keys; who has to see the body, if anybody.

        Raises MailError when it can't be told whom the message is from.
        """
        self._author = author_domain(header)
        if not self._author.startswith("["):
            self._policy = self._checks.policy(self._author)
        if _SIGNATURE in header:
            self._signatures = Verification(
                self._checks.resolver,
                self._checks.verifying,
                header,
                preferred=self._author,
                seconds=CHECK_SECONDS,
            )
            if self._signatures.needs_body:
                return self._signatures
        return None

    async def results(self) -> SenderResults:
        """Everything, once the body is complete. Never raises."""
        dkim = await self._signatures.results() if self._signatures is not None else ()
        spf = await settled(self._spf)
        policy = await settled(self._policy)
        return SenderResults(
            iprev=await settled(self._iprev),
            spf_helo=await settled(self._helo) if self._helo is not None else None,
            spf=spf,
            dkim=dkim,
            dmarc=evaluate(self._author, policy, spf, dkim, drawn=_draw(policy)),
        )


def _draw(policy: Policy) -> int:
    """A number from 0 to 99 by lot, where the policy holds for a part of the mail only."""
    return secrets.randbelow(100) if policy.record is not None and policy.record.percent < 100 else 0


def _is_temporary(found: IprevResult | SpfResult) -> bool:
    return found.result is Result.TEMPERROR
