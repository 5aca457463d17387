from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from delivery.models import HoldRule, QueuedRecipient, QueueEvent, Suppression, Transport
from mail import clock
from tests.world.submissions import queue_letter
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")


def queue(*words: str) -> str:
    out = StringIO()
    call_command("queue", *words, stdout=out)
    return out.getvalue()


def test_operations_work_on_what_ids_and_filters_mean(world: World) -> None:
    Transport.objects.create(name="relay", kind="submission", settings={"host": "relay.example"})
    a, b, c = queue_letter(world, "a@remote.example", "b@remote.example", "c@other.example")
    assert queue("hold", "--to", "@remote.example", "--reason", "audit", "--until", "2d") == (
        "2 recipients are held.\n"
    )
    assert "held (audit, until" in queue("list", "--held", "yes")
    assert queue("retry", "--all").splitlines() == [
        "1 recipient is tried again now.",
        "2 recipients are left alone: held, being tried right now, or not waiting.",
    ]
    assert queue("unhold", str(a.pk), str(b.pk)) == "2 recipients are released.\n"
    assert queue("reschedule", "--by=2h", "--account", "alice", "--domain", "other.example") == (
        "1 recipient is rescheduled.\n"
    )
    assert queue("transport", "relay", str(c.pk)) == "1 recipient is given a transport.\n"
    assert queue("tls", "required", "--transport", "relay") == "1 recipient is given a TLS demand.\n"
    c.refresh_from_db()
    assert (c.lane, c.tls_demand, (c.due or 0) > clock.now() + clock.HOUR) == (
        "transport relay",
        "required",
        True,
    )
    assert queue("transport", "", "--next-attempt", ">1h") == "1 recipient is given a transport.\n"
    assert queue("fail", "--to", "a@remote.example") == "1 recipient is given up, and the senders told.\n"
    assert queue("drop", "--from", "@example.org", "--domain", "remote.example") == (
        "1 recipient is dropped.\n"
    )
    states = dict(QueuedRecipient.objects.values_list("localpart", "state"))
    assert states == {"a": "failed", "b": "dropped", "c": "waiting"}
    assert set(QueueEvent.objects.exclude(kind="notice").values_list("by", flat=True)) == {"command line"}
    shown = queue("show", str(a.pk))
    assert "given up by hand  by command line" in shown
    assert "c@other.example" in queue("list")
    assert "b@remote.example" in queue("list", "--state", "dropped")


def test_what_can_not_be_done_says_why_and_with_which_status(world: World) -> None:
    queue_letter(world, "a@remote.example")
    for words, status, said in (
        (["drop"], 2, "Say which"),
        (["drop", "--state", "waiting"], 2, "Say which"),
        (["drop", "--to", "@nowhere.example"], 1, "No recipient matches"),
        (["list", "--next-attempt", "soon"], 2, "begin with <"),
        (["list", "--account", "nobody"], 2, "no account"),
        (["reschedule", "--at", "soon", "--all"], 2, "says no time"),
        (["transport", "nowhere", "--all"], 1, "no transport nowhere"),
        (["holds", "add"], 2, "Say which mail"),
        (["holds", "remove", "7"], 1, "no hold rule 7"),
        (["suppressions", "remove", "alice", "carol@remote.example"], 1, "not on the list"),
    ):
        with pytest.raises(CommandError, match=said) as caught:
            queue(*words)
        assert caught.value.returncode == status, words
    assert QueuedRecipient.objects.get().state == "waiting"


def test_hold_rules_and_suppressions_are_kept_from_the_command_line(world: World) -> None:
    queue_letter(world, "a@remote.example")
    assert "of the queue, 1 recipient is held" in queue(
        "holds", "add", "--to-domain", "remote.example", "--reason", "audit"
    )
    rule = HoldRule.objects.get()
    assert queue("holds", "list").startswith(f"{rule.pk}  mail to remote.example  audit")
    assert "1 recipient is released." in queue("holds", "remove", str(rule.pk), "--release")
    assert "does not write to carol@remote.example" in queue(
        "suppressions", "add", "alice", "carol@remote.example", "--reason", "quarrel"
    )
    assert "alice  carol@remote.example  by hand" in queue("suppressions", "list", "--account", "alice")
    assert "may write to" in queue("suppressions", "remove", "alice", "Carol+x@remote.example")
    assert not Suppression.objects.exists()
