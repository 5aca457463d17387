"""Which transport an attempt takes, and why: for attempts, for grouping, and for explaining."""

from dataclasses import dataclass
from functools import lru_cache

from delivery.configuration.account_routes import AccountRoutes, RoutesOfAccounts
from delivery.configuration.sections import CompiledTransport, Sending
from delivery.routing.decision import Decision, decide
from delivery.routing.routes import Route, RouteTable
from delivery.transports.kinds import kind_named
from mail.configuration.sections import HostedDomains
from mail.configuration.snapshot import Snapshot

REMEMBERED = 10_000
"""Choices that a process remembers."""

DEMANDED = "set by the administrator"


@dataclass(frozen=True, slots=True)
class Choice:
    """A transport and the reason for it. Its `name` is empty for built-in direct delivery."""

    transport: CompiledTransport
    rule: str

    def next_hop(self, recipient_domain: str) -> str:
        """What recipients have in common that may share connections."""
        by_domain = self.transport.kind.by_domain
        return f"{self.transport.name} {recipient_domain}" if by_domain else self.transport.name


@dataclass(frozen=True, slots=True)
class Journey:
    """Who sends to whom, and how often it was tried: what routes go by."""

    account_id: int | None
    sender_domain: str
    recipient_domain: str
    attempts_made: int


class Chooser:
    """Evaluates account, domain and global routes of a snapshot. For any thread but an event loop's."""

    def __init__(self, account_routes: RoutesOfAccounts | None = None) -> None:
        """`account_routes`: where those of accounts come from; by default the database as committed."""
        self._account_routes = account_routes or AccountRoutes()
        self._made: tuple[Snapshot | None, dict[tuple[Journey, str], Choice]] = (None, {})

    def choose(self, snapshot: Snapshot, journey: Journey, demanded: str = "") -> Choice:
        """The transport of the next attempt. `demanded` is the one an admin set, which no route overrides.

        What can't be sent for now gets a transport that fails for now and says why. A choice is remembered
        as long as the snapshot is the same: dispatcher and attempt ask for each recipient.
        """
        of, choices = self._made
        if of is not snapshot or len(choices) >= REMEMBERED:
            choices = {}
            self._made = (snapshot, choices)
        key = (journey, demanded)
        choice = choices.get(key)
        if choice is None:
            choice = choices[key] = self._choose(snapshot, journey, demanded)
        return choice

    def _choose(self, snapshot: Snapshot, journey: Journey, demanded: str) -> Choice:
        sender = snapshot.section(HostedDomains).get(journey.sender_domain)
        if sender is not None and sender.disabled:
            return Choice(
                _failing(f"the domain {journey.sender_domain} is disabled"), "sender domain disabled"
            )
        if demanded:
            return Choice(_named(snapshot, demanded), DEMANDED)
        decision = self.decide(snapshot, journey)
        if decision.transport is None:
            return Choice(BUILT_IN, decision.rule)
        return Choice(_named(snapshot, decision.transport), decision.rule)

    def decide(self, snapshot: Snapshot, journey: Journey) -> Decision:
        """The decision of the routes alone, with its trail."""
        sending = snapshot.section(Sending)
        account: tuple[Route, ...] = ()
        if journey.account_id is not None:
            account = self._account_routes.of(journey.account_id, snapshot.generation)
        table = RouteTable(
            account, sending.domain_routes.get(journey.sender_domain, ()), sending.global_routes
        )
        return decide(
            table,
            sender_domain=journey.sender_domain,
            recipient_domain=journey.recipient_domain,
            attempts_made=journey.attempts_made,
        )


def _named(snapshot: Snapshot, name: str) -> CompiledTransport:
    transport = snapshot.section(Sending).transports.get(name)
    return transport or _failing(f"transport {name} does not exist", name)


@lru_cache(maxsize=100)
def _failing(message: str, name: str = "") -> CompiledTransport:
    kind = kind_named("fail")
    return CompiledTransport(name, kind, kind.read({"smtp_code": 451, "smtp_message": message[:256]}))


BUILT_IN = CompiledTransport("", kind_named(""), kind_named("").read({}))
"""Plain direct delivery, when no route matches."""
