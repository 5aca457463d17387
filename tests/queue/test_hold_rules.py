import pytest

from delivery.models import HoldRule, QueuedRecipient, QueueEvent
from delivery.queue.changes import Hold, Release
from delivery.queue.enqueue import Outgoing
from delivery.queue.holding import HoldingRule, first_match
from delivery.queue.holding_operations import RuleText, add_hold_rule, end_holds, remove_hold_rule
from delivery.queue.operations import change_queue
from mail import clock
from tests.world.submissions import queue_letter, submission
from tests.world.world import World


def held() -> dict[str, str]:
    return {row.localpart: row.hold_reason for row in QueuedRecipient.objects.filter(held=True)}


def queue_for_bob(world: World, recipient: str) -> None:
    world.writer.submit(submission(world.bob, [recipient])).result()


def test_all_given_fields_must_match_and_the_null_sender_has_no_domain() -> None:
    def matches(account: int | None, sender: str, recipient: str) -> bool:
        rule = HoldingRule(1, account, sender, recipient, "", None)
        return first_match([rule], 7, "example.org", "remote.example") is rule

    assert matches(None, "", "")
    assert matches(7, "example.org", "remote.example")
    assert not matches(7, "example.org", "other.example")
    assert not matches(8, "", "remote.example")
    null_sender = HoldingRule(1, None, "example.org", "", "", None)
    assert first_match([null_sender], 7, "", "remote.example") is None
    assert first_match([HoldingRule(1, 8, "", "", "", None)], 7, "", "remote.example") is None


def test_a_rule_holds_what_is_queued_and_what_comes(world: World) -> None:
    queue_letter(world, "before@remote.example", "elsewhere@other.example")
    queue_for_bob(world, "bobs@remote.example")
    rule, count = add_hold_rule(
        RuleText(account_id=world.alice.pk, recipient_domain="remote.example", reason="audit"), "admin"
    )
    assert count == 1
    queue_letter(world, "after@remote.example", "elsewhere2@other.example")
    queue_for_bob(world, "bobs2@remote.example")
    assert held() == {"before": f"hold rule {rule.id}: audit", "after": f"hold rule {rule.id}: audit"}
    assert [event.kind for event in QueueEvent.objects.all()] == ["held", "held"]


def test_removing_a_rule_releases_what_it_held_only_if_asked(world: World) -> None:
    first, _ = add_hold_rule(RuleText(recipient_domain="a.example"))
    second, _ = add_hold_rule(RuleText(recipient_domain="b.example"))
    queue_letter(world, "a@a.example", "b@b.example")
    assert remove_hold_rule(first.id, release=False) == 0
    assert remove_hold_rule(second.id, release=True) == 1
    assert set(held()) == {"a"}
    assert remove_hold_rule(second.id, release=True) is None


@pytest.mark.only_database("sqlite")
def test_what_another_rule_holds_too_stays_held_by_that_one(world: World) -> None:
    general, _ = add_hold_rule(RuleText())
    special, _ = add_hold_rule(RuleText(recipient_domain="a.example"))
    queue_letter(world, "a@a.example", "b@b.example")
    assert remove_hold_rule(general.id, release=True) == 1
    assert held() == {"a": f"hold rule {special.id}"}


def test_holds_and_rules_end_by_themselves(world: World) -> None:
    soon = clock.now() + clock.HOUR
    add_hold_rule(RuleText(recipient_domain="a.example", until=soon))
    lasting, _ = add_hold_rule(RuleText(recipient_domain="c.example"))
    _, b, _ = queue_letter(world, "a@a.example", "b@b.example", "c@c.example")
    change_queue([b.pk], Hold("until later", soon))
    end_holds()
    assert set(held()) == {"a", "b", "c"}
    clock.advance(clock.HOUR + clock.SECOND)
    queue_letter(world, "a2@a.example")
    end_holds()
    assert held() == {"c": f"hold rule {lasting.id}"}
    assert [rule.pk for rule in HoldRule.objects.all()] == [lasting.id]


@pytest.mark.only_database("sqlite")
def test_what_somebody_released_is_not_held_again(world: World) -> None:
    add_hold_rule(RuleText())
    (row,) = queue_letter(world, "a@remote.example")
    assert change_queue([row.pk], Release(), "admin") == 1
    end_holds()
    assert held() == {}


@pytest.mark.only_database("sqlite")
def test_a_tls_demand_of_the_sender_reaches_the_queue(world: World) -> None:
    from dataclasses import replace

    write = submission(world.alice, ["a@remote.example"])
    (user,) = write.users
    assert isinstance(user, Outgoing)
    world.writer.submit(replace(write, users=(replace(user, tls_demand="required"),))).result()
    assert QueuedRecipient.objects.get().tls_demand == "required"
