"""Which transport an attempt takes."""

import pytest

from delivery.routing.decision import decide
from delivery.routing.patterns import parse_patterns
from delivery.routing.routes import Criterion, Level, Route, RouteTable


def route(
    transport: str, *, sender: tuple[str, ...] = (), to: tuple[str, ...] = (), minimum_attempts: int = 0
) -> Route:
    return Route(0, parse_patterns(sender), parse_patterns(to), minimum_attempts, transport)


A_EXAMPLE = (route("direct2", to=(".corp.example",)), route("relay", minimum_attempts=3))
GLOBAL = (route("relay", to=("slow.example",)),)


@pytest.mark.parametrize(
    ("sender", "recipient", "attempts_made", "transport", "level"),
    [
        ("a.example", "corp.example", 0, "direct2", Level.DOMAIN),
        ("a.example", "mx.corp.example", 5, "direct2", Level.DOMAIN),
        ("a.example", "slow.example", 0, "relay", Level.GLOBAL),
        ("a.example", "other.example", 2, None, None),
        ("a.example", "other.example", 3, "relay", Level.DOMAIN),
        ("", "corp.example", 0, None, None),
        ("b.example", "corp.example", 0, None, None),
    ],
)
def test_domain_routes_go_before_global_ones_and_apply_to_that_sender_domain_only(
    sender: str, recipient: str, attempts_made: int, transport: str | None, level: Level | None
) -> None:
    table = RouteTable(domain=A_EXAMPLE if sender == "a.example" else (), global_=GLOBAL)
    decision = decide(table, sender_domain=sender, recipient_domain=recipient, attempts_made=attempts_made)
    assert (decision.transport, decision.level) == (transport, level)


def transport_of(*routes: Route, sender: str = "", recipient: str = "", attempts_made: int = 0) -> str | None:
    return decide(
        RouteTable(global_=routes),
        sender_domain=sender,
        recipient_domain=recipient,
        attempts_made=attempts_made,
    ).transport


def test_account_routes_go_before_all_others() -> None:
    table = RouteTable((route("account"),), (route("domain"),), (route("global"),))
    decision = decide(table, sender_domain="a.example", recipient_domain="b.example", attempts_made=0)
    assert (decision.transport, decision.level, decision.number) == ("account", Level.ACCOUNT, 1)


def test_the_first_match_wins_not_the_closest() -> None:
    routes = (route("wide", to=(".example",)), route("close", to=("mx.b.example",)))
    assert transport_of(*routes, recipient="mx.b.example") == "wide"


def test_an_earlier_route_takes_recipients_out_of_a_later_one() -> None:
    routes = (route("direct2", to=(".b.example",)), route("relay"))
    assert transport_of(*routes, recipient="b.example") == "direct2"
    assert transport_of(*routes, recipient="c.example") == "relay"


@pytest.mark.parametrize(("minimum", "first"), [(0, 0), (-3, 0), (1, 1), (3, 3)])
def test_minimum_attempts_counts_attempts_already_made(minimum: int, first: int) -> None:
    chosen = [
        transport_of(route("relay", minimum_attempts=minimum), attempts_made=attempts_made)
        for attempts_made in range(5)
    ]
    assert chosen == [None] * first + ["relay"] * (5 - first)


@pytest.mark.parametrize(("pattern", "matches"), [((), True), ((".",), True), (("a.example",), False)])
def test_the_null_sender_has_the_empty_domain(pattern: tuple[str, ...], matches: bool) -> None:
    assert (transport_of(route("relay", sender=pattern), sender="") == "relay") is matches


@pytest.mark.parametrize("literal", ["[192.0.2.1]", "[IPv6:2001:db8::1]"])
@pytest.mark.parametrize(("pattern", "matches"), [((), True), ((".",), True), ((".example",), False)])
def test_an_address_literal_counts_as_the_empty_domain(
    pattern: tuple[str, ...], matches: bool, literal: str
) -> None:
    assert (transport_of(route("relay", to=pattern), recipient=literal) == "relay") is matches
    assert (transport_of(route("relay", sender=pattern), sender=literal) == "relay") is matches


def test_sender_and_recipient_must_both_match() -> None:
    both = route("relay", sender=("a.example",), to=("b.example",))
    assert transport_of(both, sender="a.example", recipient="b.example") == "relay"
    assert transport_of(both, sender="a.example", recipient="c.example") is None
    assert transport_of(both, sender="c.example", recipient="b.example") is None


def test_without_routes_delivery_is_direct() -> None:
    decision = decide(RouteTable(), sender_domain="a.example", recipient_domain="b.example", attempts_made=0)
    assert (decision.transport, decision.level, decision.number) == (None, None, 0)
    assert decision.rule == "no route matches: direct delivery"
    assert decision.examined == ()


def test_the_deciding_rule_is_named() -> None:
    table = RouteTable(account=(route("relay", to=("example.net",)),))
    decision = decide(table, sender_domain="a.example", recipient_domain="example.net", attempts_made=0)
    assert decision.rule == 'account rule 1 "to example.net"'


@pytest.mark.parametrize(
    ("described", "text"),
    [
        (route("relay"), "all mail"),
        (route("relay", sender=("a.example", ".b.example")), "from a.example or .b.example"),
        (route("relay", sender=(".",), to=(".bücher.example",)), "from the null sender to .bücher.example"),
        (route("relay", to=(".",)), "to address literals"),
        (route("relay", minimum_attempts=1), "after 1 attempt"),
        (route("relay", to=("b.example",), minimum_attempts=3), "to b.example after 3 attempts"),
    ],
)
def test_a_route_is_described_in_words(described: Route, text: str) -> None:
    assert described.describe() == text


def test_every_rule_is_examined_with_the_values_that_were_compared() -> None:
    table = RouteTable(
        account=(route("x", sender=("c.example", "."), to=("d.example",)),),
        domain=A_EXAMPLE,
        global_=(route("y", to=(".",)), route("relay"), route("never")),
    )
    decision = decide(table, sender_domain="a.example", recipient_domain="b.example", attempts_made=1)
    assert decision.rule == 'global rule 2 "all mail"'
    assert [(each.rule, each.matches, each.decides, each.asked) for each in decision.examined] == [
        ('account rule 1 "from c.example or the null sender to d.example"', False, False, True),
        ('domain rule 1 "to .corp.example"', False, False, True),
        ('domain rule 2 "after 3 attempts"', False, False, True),
        ('global rule 1 "to address literals"', False, False, True),
        ('global rule 2 "all mail"', True, True, True),
        ('global rule 3 "all mail"', True, False, False),
    ]
    first, _, third, *_ = decision.examined
    assert first.criteria == (
        Criterion("from", "c.example or the null sender", "a.example", False),
        Criterion("to", "d.example", "b.example", False),
        Criterion("attempts made", "any number", "1", True),
    )
    assert third.criteria[2] == Criterion("attempts made", "3 or more", "1", False)


def test_the_null_sender_and_address_literals_are_named() -> None:
    table = RouteTable(account=(route("x", sender=("a.example",), to=("b.example",)),))
    decision = decide(table, sender_domain="", recipient_domain="[192.0.2.1]", attempts_made=0)
    compared = [criterion.compared for criterion in decision.examined[0].criteria]
    assert compared == ["no domain (the null sender)", "an address literal", "0"]
