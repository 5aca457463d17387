"""Which signatures are worth a look at a key (RFC 6376 section 6.1.1, RFC 8301). Pure."""

from typing import Final

from mail import clock
from mail.authentication.dkim.signature import Signature
from mail.authentication.results import DkimResult, Result

SKEW: Final = 5 * clock.MINUTE
"""How far a signer's clock may differ from ours when it is about the end of a signature."""

FUTURE: Final = clock.DAY
"""How far ahead a signature may have been made: clocks are wrong by hours, and that harms nobody."""

_ALGORITHMS: Final = ("rsa-sha256", "ed25519-sha256")


def result_of(signature: Signature, result: Result, reason: str = "") -> DkimResult:
    """The result for a signature that could be read."""
    return DkimResult(
        result,
        domain=signature.domain,
        selector=signature.selector,
        algorithm=signature.algorithm,
        signature=signature.shown_value,
        reason=reason,
    )


def refusal(signature: Signature, moment: clock.Moment) -> DkimResult | None:
    """The result of a signature that is not looked at any further, or None."""
    if signature.algorithm == "rsa-sha1":
        # RFC 8301 section 3.1: verifiers must not consider it valid.
        return result_of(signature, Result.POLICY, "SHA-1 proves nothing any more")
    if signature.algorithm not in _ALGORITHMS:
        return result_of(signature, Result.NEUTRAL, "unknown algorithm")
    if signature.expires is not None and signature.expires * clock.SECOND + SKEW < moment:
        return result_of(signature, Result.FAIL, "the signature has expired")
    if signature.signed is not None and signature.signed * clock.SECOND - FUTURE > moment:
        return result_of(signature, Result.POLICY, "the signature was made in the future")
    return None
