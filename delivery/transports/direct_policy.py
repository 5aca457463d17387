"""What TLS with a mail server has to be, before it is connected to."""

from collections.abc import Hashable
from dataclasses import dataclass

from delivery.dane.lookup import tlsa_policy
from delivery.dane.verification import TlsaPolicy
from delivery.metrics import (
    DANE_REQUIRED,
    DANE_UNUSABLE,
    REQUIRETLS_UNSUPPORTED,
    TLS_OPTIONAL,
    TLSA_ERRORS,
)
from delivery.mtasts.policy import Mode
from delivery.mx import MailExchangers
from delivery.smtp.client.failure import DeliveryFailure, Stage, local_failure
from delivery.smtp.client.requirements import requiretls_unmet
from delivery.smtp.client.tls import TlsMode, TlsPolicy
from delivery.tlsresults.outcome import PolicyType, ResultType, TlsOutcome
from delivery.transports.group import DeliveryContext
from delivery.transports.policies import NO_POLICY, OPTIONAL, REQUIRED, DomainPolicy
from mail.dns.errors import DnsNotFound, DnsTemporary

_OPPORTUNISTIC = TlsPolicy(TlsMode.OPPORTUNISTIC, verify=False, name="opportunistic")
_CLEAR_TEXT = TlsPolicy(TlsMode.NONE, verify=False, name="opportunistic")


@dataclass(frozen=True, slots=True)
class Destination:
    """A recipient domain: where its mail goes, its own policy, and what the sender demands."""

    domain: str
    exchangers: MailExchangers
    policy: DomainPolicy
    tls_demand: str

    @property
    def enforced(self) -> bool:
        """Whether the domain's MTA-STS policy binds."""
        policy = self.policy.policy
        return policy is not None and policy.mode is Mode.ENFORCE and self.tls_demand != OPTIONAL

    @property
    def policy_name(self) -> str:
        """What is known of the demand before a host's own is."""
        if self.enforced:
            return "mta-sts"
        return "required" if self.tls_demand == REQUIRED else "opportunistic"

    @property
    def next_hop(self) -> tuple[str, ...]:
        """The names that a certificate may have instead of the host's (RFC 7672 section 3.2.2)."""
        return (self.domain, self.exchangers.domain)

    def lists(self, host: str) -> bool:
        """Whether its MTA-STS policy, if there is one that says anything, has this host."""
        policy = self.policy.policy
        return policy is None or policy.mode is Mode.NONE or policy.matches(host)


@dataclass(frozen=True, slots=True)
class HostPolicy:
    """What is demanded of one host. `clear_text`: what to do when TLS fails, None: give up."""

    tls: TlsPolicy
    clear_text: TlsPolicy | None
    tlsa: TlsaPolicy | None = None

    @property
    def identity(self) -> Hashable:
        """Sessions opened under equal policies are equally good."""
        return (self.tls.name, self.tls.mode, self.tls.verify, self.clear_text is None, self.tlsa)


class PolicyViolation(Exception):
    """A host must not be connected to, for a reason that TLS reports mention."""

    def __init__(self, failure: DeliveryFailure, outcome: TlsOutcome) -> None:
        super().__init__(str(failure))
        self.failure = failure
        self.outcome = outcome


async def domain_policy(domain: str, tls_demand: str, context: DeliveryContext) -> DomainPolicy:
    """The MTA-STS policy of a recipient domain; address literals have none.

    Raises DeliveryFailure, temporary, when it can't be known whether there is one.
    """
    if context.policies is None or domain.startswith("["):
        return NO_POLICY
    try:
        return await context.policies.mta_sts(domain, context.resolver)
    except DnsTemporary as error:
        if tls_demand == OPTIONAL:
            TLS_OPTIONAL.add("mtastspolicy")
            return NO_POLICY
        text = f"it can't be known whether {domain} has an MTA-STS policy: {error}"
        raise local_failure(Stage.RESOLVE, 451, "4.4.3", text) from error


async def host_policy(
    host: str, destination: Destination, context: DeliveryContext, *, ipv4: bool, ipv6: bool
) -> HostPolicy:
    """What is demanded of one of the hosts of a destination.

    Raises PolicyViolation when the host is not to be used, DeliveryFailure when REQUIRETLS is demanded and
    no policy secures the way to it. Both are temporary: another host may do.
    """
    if destination.enforced and not destination.lists(host):
        raise _not_listed(host, destination)
    try:
        tlsa = await _tlsa(host, destination, context, ipv4=ipv4, ipv6=ipv6)
    except DnsTemporary as error:
        TLSA_ERRORS.add()
        if destination.tls_demand != OPTIONAL:
            raise _no_tlsa_answer(host, destination, error) from error
        TLS_OPTIONAL.add("badtlsa")
        tlsa = None
    _count_overridden(destination, tlsa)
    if destination.tls_demand == OPTIONAL or (tlsa is None and not destination.enforced):
        if destination.tls_demand == REQUIRED:
            raise _unsecured(host)
        return HostPolicy(_OPPORTUNISTIC, _CLEAR_TEXT, tlsa)
    usable = tlsa is not None and bool(tlsa.usable)
    if destination.tls_demand == REQUIRED and not usable and not destination.enforced:
        raise _unsecured(host)
    if tlsa is not None:
        (DANE_REQUIRED if usable else DANE_UNUSABLE).add()
    names = [name for name, used in (("mta-sts", destination.enforced), ("dane", tlsa)) if used]
    tls = TlsPolicy(
        TlsMode.REQUIRED,
        verify=destination.enforced,
        name="+".join(names),
        vouch=tlsa.problem if tlsa is not None and usable else None,
        indicated_name=tlsa.base if tlsa is not None else "",
    )
    return HostPolicy(tls, None, tlsa)


def _count_overridden(destination: Destination, tlsa: TlsaPolicy | None) -> None:
    """What would have bound but for the sender's wish."""
    if destination.tls_demand != OPTIONAL:
        return
    if tlsa is not None:
        TLS_OPTIONAL.add("tlsa")
    policy = destination.policy.policy
    if policy is not None and policy.mode is Mode.ENFORCE:
        TLS_OPTIONAL.add("mtastspolicy")


async def _tlsa(
    host: str, destination: Destination, context: DeliveryContext, *, ipv4: bool, ipv6: bool
) -> TlsaPolicy | None:
    """The TLSA records of a host, if DNSSEC vouches for everything that leads to it. Raises DnsTemporary."""
    if destination.exchangers.ip or not destination.exchangers.authentic:
        return None
    try:
        addresses = await context.resolver.addresses(host, ipv4=ipv4, ipv6=ipv6)
    except DnsNotFound:
        # Dialling it says the same.
        return None
    return await tlsa_policy(host, context.remote_port, addresses, destination.next_hop, context.resolver)


def _not_listed(host: str, destination: Destination) -> PolicyViolation:
    text = f"the MTA-STS policy of {destination.domain} does not list its mail server {host}"
    outcome = TlsOutcome(
        destination.domain, host, PolicyType.STS, ResultType.VALIDATION_FAILURE, "mail server not listed"
    )
    return PolicyViolation(local_failure(Stage.STARTTLS, 454, "4.7.5", text), outcome)


def _no_tlsa_answer(host: str, destination: Destination, error: DnsTemporary) -> PolicyViolation:
    text = f"it can't be known whether {host} has TLSA records: {error}"
    outcome = TlsOutcome(destination.domain, host, PolicyType.TLSA, ResultType.DNSSEC_INVALID, str(error))
    return PolicyViolation(local_failure(Stage.RESOLVE, 451, "4.4.3", text), outcome)


def _unsecured(host: str) -> DeliveryFailure:
    REQUIRETLS_UNSUPPORTED.add("nopolicy")
    text = f"REQUIRETLS is demanded, but neither DANE nor MTA-STS secures the way to {host}"
    return requiretls_unmet(text, Stage.STARTTLS)
