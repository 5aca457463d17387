"""What direct delivery asks about recipient domains, and what it reports about TLS."""

from dataclasses import dataclass
from typing import Protocol

from delivery.mtasts.policy import Policy
from delivery.tlsresults.outcome import ResultType
from mail.dns.resolver import Resolver

REQUIRED, OPTIONAL = "required", "optional"
"""The demands of a sender (Mail.tls_demand): REQUIRETLS, and the header field TLS-Required: No (RFC 8689)."""


@dataclass(frozen=True, slots=True)
class DomainPolicy:
    """The MTA-STS policy of a recipient domain, None when there is none.

    `problem` says why a policy that is announced could not be had or renewed, with the term of TLS reports.
    """

    policy: Policy | None = None
    problem: ResultType | None = None
    detail: str = ""


NO_POLICY = DomainPolicy()


class PolicySource(Protocol):
    """Where MTA-STS policies come from. Used on the event loop of `resolver`."""

    async def mta_sts(self, domain: str, resolver: Resolver) -> DomainPolicy:
        """The policy that holds for a recipient domain (A-labels).

        Raises mail.dns.errors.DnsTemporary when it can't be known whether there is one.
        """
