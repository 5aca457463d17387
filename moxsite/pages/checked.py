"""What was found out about the sender of a message, in the reader's words."""

from dataclasses import dataclass
from typing import Final

from mail.addresses.domain import display_domain
from mail.authentication.dmarc.organization import aligned
from mail.authentication.record import from_record
from mail.authentication.results import (
    Disposition,
    DkimResult,
    IprevResult,
    Result,
    SenderResults,
    SpfResult,
)
from mail.models import Message
from moxsite.pages.words import Chip

_SPF: Final = {
    Result.PASS: "allows this server to send for it",
    Result.FAIL: "does not allow this server to send for it",
    Result.SOFTFAIL: "does not expect mail from this server",
    Result.NEUTRAL: "says neither yes nor no to this server",
    Result.NONE: "does not say which servers may send for it",
    Result.TEMPERROR: "could not be asked",
    Result.PERMERROR: "has a record with errors",
}
_DKIM: Final = {
    Result.PASS: "valid: the text and the important fields are as they were signed",
    Result.FAIL: "not valid",
    Result.NEUTRAL: "can't be judged",
    Result.POLICY: "not accepted",
    Result.TEMPERROR: "the key could not be looked up",
    Result.PERMERROR: "the key can't be used",
}
_ASKS: Final = {
    Disposition.NONE: "asks for nothing to be done",
    Disposition.QUARANTINE: "asks for such mail to be put into Junk",
    Disposition.REJECT: "asks for such mail to be refused",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """The line on the page of a message, and what it rests upon as pairs of a heading and a text."""

    chip: Chip
    text: str
    details: tuple[tuple[str, str], ...]


def checked(message: Message) -> Checked | None:
    """What the page of a message says; None when nothing was checked."""
    found = from_record(message.authentication)
    if found is None:
        return None
    chip, text = _verdict(found)
    return Checked(chip, text, tuple(_details(found)))


def _verdict(found: SenderResults) -> tuple[Chip, str]:
    dmarc = found.dmarc
    author = display_domain(dmarc.domain)
    if _vouched(found):
        return Chip("genuine", "green"), f"{author} vouches for this message."
    if dmarc.result is Result.TEMPERROR or found.spf.result is Result.TEMPERROR:
        text = f"Whether this is from {author} could not be checked when it arrived."
        return Chip("not checked", "amber"), text
    if dmarc.asks is not Disposition.NONE:
        text = f"{author} does not vouch for this message and {_ASKS[dmarc.asks]}."
        return Chip("doubtful", "red"), text
    others = [one.domain for one in found.dkim if one.result is Result.PASS]
    if others:
        text = f"Signed by {display_domain(others[0])}, which is not the domain that it says it is from."
        return Chip("unproven", "grey"), text
    return Chip("unproven", "grey"), f"Nobody vouches that this is from {author}."


def _vouched(found: SenderResults) -> bool:
    """DMARC's question, asked also where the domain has published no policy."""
    passed = [one.domain for one in found.dkim if one.result is Result.PASS]
    if found.spf.result is Result.PASS:
        passed.append(found.spf.domain)
    if found.dmarc.policy is not None:
        return found.dmarc.result is Result.PASS
    return any(aligned(domain, found.dmarc.domain, strict=False) for domain in passed)


def _details(found: SenderResults) -> list[tuple[str, str]]:
    rows = [("Server", _server(found.iprev))]
    if found.spf_helo is not None and found.spf.identity != "helo":
        rows.append(("Server’s name (SPF)", _spf(found.spf_helo)))
    heading = "Server’s name (SPF)" if found.spf.identity == "helo" else "Envelope sender (SPF)"
    rows.append((heading, _spf(found.spf)))
    rows += [("Signature (DKIM)", _dkim(one)) for one in found.dkim] or [("Signature (DKIM)", "none")]
    rows.append(("Policy (DMARC)", _policy(found)))
    return rows


def _server(iprev: IprevResult) -> str:
    if iprev.result is Result.PASS:
        return f"{iprev.ip}, {iprev.name}"
    if iprev.result is Result.TEMPERROR:
        return f"{iprev.ip}, whose name could not be looked up"
    if iprev.result is Result.FAIL:
        return f"{iprev.ip}, which calls itself {iprev.name}, but that name is another server’s"
    return f"{iprev.ip}, which has no name"


def _spf(result: SpfResult) -> str:
    domain = display_domain(result.domain) if result.domain else "It"
    return f"{domain} {_SPF.get(result.result, result.result)}" + (
        f": {result.problem}" if result.problem else ""
    )


def _dkim(result: DkimResult) -> str:
    signer = f"{display_domain(result.domain)}, key {result.selector}: " if result.domain else ""
    return signer + _DKIM.get(result.result, "none") + (f": {result.reason}" if result.reason else "")


def _policy(found: SenderResults) -> str:
    dmarc = found.dmarc
    if dmarc.policy is None:
        answer = "could not be asked" if dmarc.result is Result.TEMPERROR else "has published none"
        return f"{display_domain(dmarc.domain)} {answer}"
    passed = "met" if dmarc.result is Result.PASS else "not met"
    if dmarc.result is Result.TEMPERROR:
        passed = "not decided"
    return f"{display_domain(dmarc.policy_domain)} {_ASKS[dmarc.policy]} when it does not vouch: {passed}"
