"""Direct delivery to a host whose domain has policies."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from delivery.mtasts.policy import Mode, Policy
from delivery.tlsresults.outcome import TlsOutcome
from delivery.transports.direct_delivery import deliver_direct
from delivery.transports.group import Group, GroupResult, Mail
from delivery.transports.policies import NO_POLICY, DomainPolicy
from mail.dns.answers import TlsaRecord
from mail.dns.errors import DnsTemporary
from mail.dns.resolver import Resolver
from tests.transports.delivering import Elsewhere
from tests.world.chains import zone_form

DOMAIN, HOST = "remote.example", "mx.remote.example"


def sts(mode: Mode, *hosts: str) -> DomainPolicy:
    """A policy that lists the hosts, or the usual one."""
    return DomainPolicy(Policy(mode, hosts or (HOST,), 86400))


@dataclass
class Policed:
    """The policies of domains, None for one that can't be known, and what was reported."""

    elsewhere: Elsewhere
    policies: dict[str, DomainPolicy | None] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    reported: list[TlsOutcome] = field(default_factory=list)

    async def mta_sts(self, domain: str, resolver: Resolver) -> DomainPolicy:
        """As a PolicySource has it."""
        self.asked.append(domain)
        found = self.policies.get(domain, NO_POLICY)
        if found is None:
            raise DnsTemporary(domain, "no answer")
        return found

    def secure(self, *names: str) -> None:
        """DNSSEC vouches for these names, and for those of the usual domain."""
        self.elsewhere.dns.authentic.update((DOMAIN, HOST, *names))

    def associate(self, *records: TlsaRecord, host: str = HOST) -> None:
        """TLSA records that DNSSEC vouches for."""
        name = f"_{self.elsewhere.port}._tcp.{host}"
        self.elsewhere.dns.add(name, {"TLSA": [zone_form(record) for record in records]})
        self.secure(name, host)

    def deliver(self, *mails: Mail, ipv6: bool = True) -> GroupResult:
        """To the domain's hosts."""

        async def run(group: Group) -> GroupResult:
            resolver = Resolver(self.elsewhere.dns.address, trusted=True, try_seconds=0.5, deadline_seconds=1)
            context = replace(
                self.elsewhere.context(), resolver=resolver, policies=self, report=self.reported.append
            )
            return await deliver_direct(group, context, ipv6=ipv6)

        return asyncio.run(run(Group(mails)))

    def results(self) -> Sequence[tuple[str, str, str]]:
        """Host, policy and result of what was reported."""
        return [(each.host, each.policy.value, each.result.value) for each in self.reported]
