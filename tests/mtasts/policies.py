"""A domain with a policy, its DNS and its policy host, and what a worker makes of it."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from delivery.models import MtaStsPolicy
from delivery.mtasts.fetch import PolicyFetcher
from delivery.mtasts.source import StoredPolicies
from delivery.transports.policies import DomainPolicy
from mail.dns.resolver import Resolver
from tests.world.authority import Authority
from tests.world.dns import FakeDns
from tests.world.policy_host import PolicyHost, page
from tests.world.world import World

DOMAIN = "remote.example"
RECORD = f"_mta-sts.{DOMAIN}"


def policy_text(mode: str = "enforce", mx: str = "mx.remote.example", max_age: int = 604800) -> str:
    return f"version: STSv1\r\nmode: {mode}\r\nmx: {mx}\r\nmax_age: {max_age}\r\n"


class Policies:
    """The domain's side, and `ask` for ours."""

    def __init__(self, world: World, authority: Authority, dns: FakeDns, host: PolicyHost) -> None:
        self.world = world
        self.dns = dns
        self.host = host
        self.fetcher = PolicyFetcher(authority.ca_file, port=host.port)
        self.announce("1")
        dns.add(f"mta-sts.{DOMAIN}", {"A": ["127.0.0.1"]})

    def announce(self, identifier: str) -> None:
        """The record's id."""
        self.dns.add(RECORD, {"TXT": [f'"v=STSv1; id={identifier}"']})

    def publish(self, text: str) -> None:
        """The policy's text."""
        self.host.answer = page(text)

    def fail(self) -> None:
        """The policy host is out of order."""
        self.host.answer = page("", status="500 Broken")

    def ask(self, times: int = 1) -> list[DomainPolicy]:
        """What holds now, asked for several times at once."""

        async def run() -> list[DomainPolicy]:
            source = StoredPolicies(self.world.writer, self.fetcher)
            resolver = Resolver(self.dns.address, try_seconds=0.5, deadline_seconds=1)
            return await asyncio.gather(*(source.mta_sts(DOMAIN, resolver) for _ in range(times)))

        return asyncio.run(run())

    def mode(self) -> str:
        """The mode of the policy that holds now, empty for none."""
        (found,) = self.ask()
        return found.policy.mode.value if found.policy else ""

    @property
    def row(self) -> MtaStsPolicy:
        """What is kept."""
        return MtaStsPolicy.objects.get(domain=DOMAIN)

    @property
    def fetched(self) -> int:
        """How often the policy host was asked."""
        return len(self.host.requests)


@contextmanager
def domain_with_policy(world: World, authority: Authority) -> Iterator[Policies]:
    with ExitStack() as stack:
        dns = stack.enter_context(FakeDns())
        tls = authority.server(f"mta-sts.{DOMAIN}")
        host = stack.enter_context(PolicyHost(tls, page(policy_text())))
        yield Policies(world, authority, dns, host)
