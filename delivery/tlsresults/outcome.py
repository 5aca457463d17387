"""How a session went with respect to TLS, in the terms of TLS reports (RFC 8460)."""

from dataclasses import dataclass
from enum import StrEnum

DETAIL_LIMIT = 200


class PolicyType(StrEnum):
    """What a recipient domain demanded (RFC 8460 section 4.2)."""

    STS = "sts"
    TLSA = "tlsa"
    NONE = "no-policy-found"


class ResultType(StrEnum):
    """What came of it: success, or a failure of RFC 8460 section 4.3."""

    SUCCESS = "success"
    STARTTLS_NOT_SUPPORTED = "starttls-not-supported"
    CERTIFICATE_HOST_MISMATCH = "certificate-host-mismatch"
    CERTIFICATE_EXPIRED = "certificate-expired"
    CERTIFICATE_NOT_TRUSTED = "certificate-not-trusted"
    VALIDATION_FAILURE = "validation-failure"
    TLSA_INVALID = "tlsa-invalid"
    DNSSEC_INVALID = "dnssec-invalid"
    STS_POLICY_FETCH_ERROR = "sts-policy-fetch-error"
    STS_POLICY_INVALID = "sts-policy-invalid"
    STS_WEBPKI_INVALID = "sts-webpki-invalid"


@dataclass(frozen=True, slots=True)
class TlsOutcome:
    """One session, or one that did not come about because of a policy.

    `domain` is the recipient's, `host` the mail server, empty for what concerns the whole domain. `detail`
    is for people.
    """

    domain: str
    host: str
    policy: PolicyType
    result: ResultType
    detail: str = ""


def certificate_result(verification_error: str) -> ResultType:
    """The result type for what mail.tls.verification has found wrong with a certificate; empty is success."""
    if not verification_error:
        return ResultType.SUCCESS
    if verification_error.startswith("certificate is not for"):
        return ResultType.CERTIFICATE_HOST_MISMATCH
    if verification_error == "cert has expired":
        return ResultType.CERTIFICATE_EXPIRED
    return ResultType.CERTIFICATE_NOT_TRUSTED
