"""Whether a message passes the policy of its author's domain (RFC 7489 section 6.6.2). Pure."""

from collections.abc import Sequence
from typing import Final

from mail.authentication.dmarc.discovery import Policy
from mail.authentication.dmarc.organization import aligned
from mail.authentication.dmarc.record import DmarcRecord
from mail.authentication.results import Disposition, DkimResult, DmarcResult, Result, SpfResult

_WEAKER: Final = {
    Disposition.REJECT: Disposition.QUARANTINE,
    Disposition.QUARANTINE: Disposition.NONE,
    Disposition.NONE: Disposition.NONE,
}


def evaluate(
    author: str, policy: Policy, spf: SpfResult, dkim: Sequence[DkimResult], *, drawn: int
) -> DmarcResult:
    """The result for mail from the domain `author`.

    `drawn` is a number from 0 to 99 drawn by lot: a policy for so many percent holds for the lower ones, and
    the next weaker one for the others (section 6.6.4).
    """
    if policy.unknown:
        return DmarcResult(Result.TEMPERROR, author, reason="no answer about the policy")
    if policy.record is None:
        result = Result.PERMERROR if policy.domain else Result.NONE
        return DmarcResult(result, author, policy.domain)
    record = policy.record
    asked = record.policy if policy.domain == author else record.subdomain_policy
    by_alignment = _aligned_results(author, record, spf, dkim)
    if Result.PASS in by_alignment:
        return DmarcResult(Result.PASS, author, policy.domain, asked)
    meant = asked if drawn < record.percent else _WEAKER[asked]
    if Result.TEMPERROR in by_alignment:
        reason = "an answer is missing that might have let it pass"
        undecided = meant is Disposition.REJECT
        return DmarcResult(Result.TEMPERROR, author, policy.domain, asked, undecided=undecided, reason=reason)
    return DmarcResult(Result.FAIL, author, policy.domain, asked, asks=meant)


def _aligned_results(
    author: str, record: DmarcRecord, spf: SpfResult, dkim: Sequence[DkimResult]
) -> set[Result]:
    """The results of those that speak for the author's domain."""
    found = {one.result for one in dkim if aligned(one.domain, author, strict=record.strict_dkim)}
    if aligned(spf.domain, author, strict=record.strict_spf):
        found.add(spf.result)
    return found
