"""Random rule sets and journeys from few domains, so that rules match often."""

from types import MappingProxyType

from hypothesis import strategies as st

from delivery.configuration.sections import CompiledTransport, Sending
from delivery.queue.choice import Journey
from delivery.routing.patterns import parse_patterns
from delivery.routing.routes import Route
from delivery.transports.kinds import kind_named
from mail.configuration.rules.domains import DomainRules
from mail.configuration.sections import HostedDomains
from mail.configuration.snapshot import Snapshot

DOMAINS = ("a.example", "b.a.example", "c.example", "xn--bcher-kva.example")
PATTERNS = (*DOMAINS, *(f".{domain}" for domain in DOMAINS), ".", ".example")
TRANSPORTS = ("one", "two", "three")
ACCOUNT = 1

patterns = st.lists(st.sampled_from(PATTERNS), max_size=2).map(tuple)
routes = st.builds(
    Route,
    position=st.just(0),
    from_domains=patterns.map(parse_patterns),
    to_domains=patterns.map(parse_patterns),
    minimum_attempts=st.integers(-1, 5),
    transport=st.sampled_from(TRANSPORTS),
)
lists = st.lists(routes, max_size=4).map(tuple)
journeys = st.builds(
    Journey,
    account_id=st.sampled_from([None, ACCOUNT, 2]),
    sender_domain=st.sampled_from(["", *DOMAINS]),
    recipient_domain=st.sampled_from([*DOMAINS, "[192.0.2.1]"]),
    attempts_made=st.integers(0, 8),
)


class AccountRoutesGiven:
    """The routes of one account."""

    def __init__(self, own: tuple[Route, ...]) -> None:
        self._own = own

    def of(self, account_id: int, generation: int) -> tuple[Route, ...]:
        return self._own if account_id == ACCOUNT else ()


def snapshot_of(domain_routes: tuple[Route, ...], global_routes: tuple[Route, ...]) -> Snapshot:
    """A configuration in which a.example and c.example are hosted and share routes."""
    hosted = ("a.example", "c.example")
    sending = Sending(
        MappingProxyType(
            {
                name: CompiledTransport(name, kind_named("fail"), kind_named("fail").read({}))
                for name in TRANSPORTS
            }
        ),
        global_routes,
        MappingProxyType(dict.fromkeys(hosted, domain_routes)),
    )
    domains = HostedDomains(MappingProxyType({name: DomainRules(name=name) for name in hosted}))
    return Snapshot(1, MappingProxyType({Sending: sending, HostedDomains: domains}))


def winner_by_hand(
    account: tuple[Route, ...],
    domain: tuple[Route, ...],
    global_: tuple[Route, ...],
    journey: Journey,
) -> str | None:
    """The transport of the first rule that matches, worked out from the text of its patterns."""
    own = account if journey.account_id == ACCOUNT else ()
    hosted = domain if journey.sender_domain in ("a.example", "c.example") else ()
    for route in (*own, *hosted, *global_):
        if (
            journey.attempts_made >= route.minimum_attempts
            and _any(route.from_domains, journey.sender_domain)
            and _any(route.to_domains, journey.recipient_domain)
        ):
            return route.transport
    return None


def _any(wanted: tuple[object, ...], domain: str) -> bool:
    plain = "" if domain.startswith("[") else domain
    for text in map(str, wanted):
        if text == ".":
            meant = plain == ""
        elif text.startswith("."):
            meant = f".{plain}".endswith(text)
        else:
            meant = plain == text
        if meant:
            return True
    return not wanted
