"""What happens to mail that fails the policy of its author's domain (RFC 7489 section 6.6)."""

import dataclasses
import re
from collections.abc import Sequence

from delivery.reception.copies import Copy
from delivery.reception.indexing import on_thread
from mail.authentication.results import Disposition, DkimResult, DmarcResult, Result, SenderResults
from mail.errors import MailError
from mail.models import Mailbox, SpecialUse

_UNPRINTABLE = re.compile(r"[^ -~]")
_SPF_WORDS = {
    Result.PASS: "is allowed for {domain} only",
    Result.NONE: "is not published for {domain}",
    Result.TEMPERROR: "could not be looked up for {domain}",
    Result.PERMERROR: "is published with errors for {domain}",
}


async def placed(wanted: Sequence[Copy], found: SenderResults) -> list[Copy]:
    """The copies, in Junk where the policy has something against the message.

    A policy of rejection is honoured when all recipients wish so: there is one reply for all of them. Where
    some do not, everybody's copy goes to Junk. Raises MailError 550 5.7.1 for a message that is rejected,
    451 4.7.1 for one that could be, if an answer were there that is missing.
    """
    dmarc = found.dmarc
    if all(copy.dmarc_reject for copy in wanted):
        if dmarc.asks is Disposition.REJECT:
            raise MailError(550, "5.7.1", rejection(found))
        if dmarc.undecided:
            text = f"whether this is from {dmarc.domain} can't be checked at the moment, try again later"
            raise MailError(451, "4.7.1", text)
    if dmarc.asks is Disposition.NONE:
        return list(wanted)
    junk = await on_thread(_junk_mailboxes, {copy.account_id for copy in wanted})
    placed = (dataclasses.replace(copy, mailbox=junk.get(copy.account_id, copy.mailbox)) for copy in wanted)
    return list(dict.fromkeys(placed))


def rejection(found: SenderResults) -> str:
    """What the sender is told: whose policy it is, and why the message fails."""
    dmarc, spf = found.dmarc, found.spf
    signed = _signatures(found.dkim, dmarc)
    allowed = _SPF_WORDS.get(spf.result, "fails for {domain}").format(domain=spf.domain or "this client")
    text = f"the policy of {dmarc.policy_domain} (DMARC) rejects this message: {signed}, and SPF {allowed}"
    return _UNPRINTABLE.sub("?", text)


def _signatures(dkim: Sequence[DkimResult], dmarc: DmarcResult) -> str:
    passed = [one.domain for one in dkim if one.result is Result.PASS]
    if passed:
        return f"it is signed by {passed[0]}, not by {dmarc.domain}"
    if not dkim:
        return "it has no DKIM signature"
    return f"its DKIM signature is not valid ({dkim[0].reason or dkim[0].result})"


def _junk_mailboxes(accounts: set[int]) -> dict[int, str]:
    """The names of the Junk mailboxes of those accounts that have one."""
    rows = Mailbox.objects.filter(account_id__in=accounts, special_use=SpecialUse.JUNK)
    return dict(rows.order_by("-pk").values_list("account_id", "name"))
