"""What counts for the limits of an account, and for how long."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from delivery.models import KnownRecipient, RecentRecipient
from mail import clock
from tests.outgoing_limits.sending import allow, send, send_in_one_commit
from tests.world.world import World

B, C, D = "b@remote.example", "c@remote.example", "d@remote.example"


def test_the_worked_example(world: World) -> None:
    alice = world.alice
    allow(alice, messages=4, recipients=2)
    assert send(world, alice, B) is None
    assert send(world, alice, C) is None
    refusal = send(world, alice, D)
    assert refusal is not None
    assert refusal.limit.value == "recipients"
    assert send(world, alice, B) is None
    refusal = send(world, alice, B, C)
    assert refusal is not None
    assert refusal.limit.value == "messages"
    assert send(world, alice, B) is None
    assert send(world, alice, B) is not None
    assert RecentRecipient.objects.count() == 4
    clock.advance(clock.DAY)
    assert send(world, alice, D, D) is None
    assert RecentRecipient.objects.count() == 5
    assert KnownRecipient.objects.count() == 3


@pytest.mark.only_database("sqlite")
def test_what_is_older_than_a_day_counts_no_longer_but_stays_known(world: World) -> None:
    allow(world.alice, messages=2, recipients=1)
    assert send(world, world.alice, B) is None
    clock.advance(clock.DAY + clock.MINUTE)
    assert send(world, world.alice, B, C) is None
    assert send(world, world.alice, B) is not None


@pytest.mark.only_database("sqlite")
def test_case_and_suffix_of_a_localpart_make_another_address_and_spellings_of_a_domain_do_not(
    world: World,
) -> None:
    allow(world.alice, recipients=3)
    assert send(world, world.alice, "x@☺.example", "X@xn--74h.example", "x+1@xn--74h.example") is None
    assert send(world, world.alice, "x@xn--74h.example") is None
    assert send(world, world.alice, "y@☺.example") is not None


@pytest.mark.only_database("sqlite")
def test_accounts_do_not_count_for_each_other(world: World) -> None:
    allow(world.alice, messages=1, recipients=1)
    allow(world.bob, messages=1, recipients=1)
    sent = send_in_one_commit((world.alice, [B]), (world.bob, [B]), (world.alice, [B]), (world.bob, [B]))
    assert sent == ["", "", "messages", "messages"]


@pytest.mark.only_database("sqlite")
def test_nothing_is_allowed_with_zero_and_everything_with_minus_one(world: World) -> None:
    allow(world.alice, messages=0)
    assert send(world, world.alice, B) is not None
    allow(world.alice)
    assert send(world, world.alice, *(f"r{number}@remote.example" for number in range(1500))) is None
    allow(world.alice, recipients=0)
    assert send(world, world.alice, "r7@remote.example") is None
    assert send(world, world.alice, B) is not None


@pytest.mark.only_database("sqlite")
def test_a_lowered_limit_counts_what_was_sent_before(world: World) -> None:
    assert send(world, world.alice, B, C, D) is None
    allow(world.alice, messages=2)
    assert send(world, world.alice, B) is not None


letters = st.sampled_from("abcdefgh")
messages = st.lists(st.tuples(st.integers(0, 1), st.lists(letters, min_size=1, max_size=4)), max_size=4)
limits = st.integers(-1, 6)


@pytest.mark.only_database("sqlite")
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.tuples(limits, limits), st.lists(st.tuples(st.integers(0, 30), messages), max_size=5))
def test_batches_count_like_one_message_after_the_other(
    world: World, allowed: tuple[int, int], batches: list[tuple[int, list[tuple[int, list[str]]]]]
) -> None:
    """Against a list of everything that was ever sent. Batches are hours apart."""
    RecentRecipient.objects.all().delete()
    KnownRecipient.objects.all().delete()
    accounts = (world.alice, world.bob)
    for account in accounts:
        allow(account, messages=allowed[0], recipients=allowed[1])
    sent: list[list[tuple[int, str]]] = [[], []]
    hour = 0
    for pause, batch in batches:
        hour += pause
        clock.advance(pause * clock.HOUR)
        expected = []
        for who, people in batch:
            expected.append(_expected(sent[who], people, hour, *allowed))
            if not expected[-1]:
                sent[who] += [(hour, person) for person in set(people)]
        found = send_in_one_commit(
            *((accounts[who], [f"{name}@remote.example" for name in people]) for who, people in batch)
        )
        assert found == expected


def _expected(sent: list[tuple[int, str]], people: list[str], hour: int, messages: int, first: int) -> str:
    recent = [person for then, person in sent if hour - then < 24]
    known_for_longer = {person for then, person in sent if hour - then >= 24}
    if messages >= 0 and len(recent) + len(set(people)) > messages:
        return "messages"
    known = {person for _, person in sent}
    new = set(people) - known
    if first >= 0 and new and len(set(recent) - known_for_longer) + len(new) > first:
        return "recipients"
    return ""
