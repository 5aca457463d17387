"""What is found out about the sender of a message. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Result(StrEnum):
    """Of one method (RFC 8601 section 2.7)."""

    NONE = "none"
    """Nothing is published or signed."""
    PASS = "pass"
    FAIL = "fail"
    SOFTFAIL = "softfail"
    """The domain thinks that this client is none of its own (SPF)."""
    NEUTRAL = "neutral"
    POLICY = "policy"
    """Signed, but in a way that is not accepted here."""
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


class Disposition(StrEnum):
    """What a DMARC policy asks for (RFC 7489 section 6.3)."""

    NONE = "none"
    QUARANTINE = "quarantine"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class IprevResult:
    """Whether the client's address has a name that leads back to it (RFC 8601 section 2.7.3)."""

    result: Result
    ip: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class SpfResult:
    """Whether `domain` lets this client send (RFC 7208).

    `identity` is mailfrom or helo. `mechanism` is the one that decided, `problem` what is wrong with the
    record or its look-up, `explanation` what the domain says to those it fails, which may be anything.
    """

    result: Result
    identity: str
    domain: str
    mechanism: str = ""
    problem: str = ""
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class DkimResult:
    """One signature (RFC 6376). `signature` is how its value begins, which tells two apart (RFC 6008)."""

    result: Result
    domain: str = ""
    selector: str = ""
    algorithm: str = ""
    signature: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DmarcResult:
    """Whether the domain of the author has vouched for the message (RFC 7489).

    `domain` is the author's, `policy_domain` where the policy was found, `policy` what it says for such a
    domain. `asks` is what it asks for in this case: none unless the message failed. `undecided` is set when
    an answer that is missing could have made a failure of it.
    """

    result: Result
    domain: str
    policy_domain: str = ""
    policy: Disposition | None = None
    asks: Disposition = Disposition.NONE
    undecided: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SenderResults:
    """Everything about one message. `spf_helo` is None when the client gave no name that could be asked."""

    iprev: IprevResult
    spf_helo: SpfResult | None
    spf: SpfResult
    dkim: tuple[DkimResult, ...]
    dmarc: DmarcResult
