"""From a session to what TLS reports say of it."""

from dataclasses import dataclass

from delivery.dane.verification import TlsaPolicy
from delivery.tlsresults.outcome import PolicyType, ResultType, TlsOutcome, certificate_result
from mail.tls.engine import TlsEngine


@dataclass(frozen=True, slots=True)
class Demands:
    """What a recipient domain says about TLS with one of its hosts, whether it binds us or not.

    `sts`: there is an MTA-STS policy, and `listed` says whether it lists the host. `tlsa`: the TLSA records.
    """

    domain: str
    host: str
    sts: bool = False
    listed: bool = True
    tlsa: TlsaPolicy | None = None


@dataclass(frozen=True, slots=True)
class Handshake:
    """How far TLS came. `engine` is None when it was not begun, `failure` empty when it succeeded."""

    engine: TlsEngine | None
    failure: str = ""


def session_outcomes(demands: Demands, handshake: Handshake) -> list[TlsOutcome]:
    """One outcome for each policy that the domain has, or one that says that it has none."""
    outcomes = []
    if demands.sts:
        outcomes.append((PolicyType.STS, *_sts_result(demands, handshake)))
    if demands.tlsa is not None:
        outcomes.append((PolicyType.TLSA, *_tlsa_result(demands.tlsa, handshake)))
    if not outcomes:
        outcomes.append((PolicyType.NONE, *_certificate_result(handshake)))
    return [TlsOutcome(demands.domain, demands.host, *outcome) for outcome in outcomes]


def _sts_result(demands: Demands, handshake: Handshake) -> tuple[ResultType, str]:
    if not demands.listed:
        return ResultType.VALIDATION_FAILURE, "mail server not listed"
    return _certificate_result(handshake)


def _tlsa_result(tlsa: TlsaPolicy, handshake: Handshake) -> tuple[ResultType, str]:
    engine = handshake.engine
    if engine is None:
        return ResultType.STARTTLS_NOT_SUPPORTED, handshake.failure
    if not tlsa.usable:
        return ResultType.TLSA_INVALID, "no usable TLSA record"
    if not engine.established:
        return ResultType.VALIDATION_FAILURE, handshake.failure
    problem = tlsa.problem(engine.peer_chain)
    if problem or handshake.failure:
        return ResultType.VALIDATION_FAILURE, problem or handshake.failure
    return ResultType.SUCCESS, ""


def _certificate_result(handshake: Handshake) -> tuple[ResultType, str]:
    engine = handshake.engine
    if engine is None:
        return ResultType.STARTTLS_NOT_SUPPORTED, handshake.failure
    if engine.verification_error:
        return certificate_result(engine.verification_error), engine.verification_error
    if handshake.failure:
        return ResultType.VALIDATION_FAILURE, handshake.failure
    return ResultType.SUCCESS, ""
