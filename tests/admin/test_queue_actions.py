import pytest
from django.test import Client

from delivery.models import QueuedRecipient, QueueEvent, Transport, TransportTrouble
from delivery.queue.changes import Hold
from delivery.queue.operations import change_queue
from mail import clock
from tests.pages.visiting import page, visit_as
from tests.world.submissions import queue_letter
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")

QUEUE = "/admin/delivery/queuedrecipient/"


def act(client: Client, action: str, *rows: QueuedRecipient, **answer: str) -> str:
    chosen = [str(row.pk) for row in rows]
    response = client.post(QUEUE, {"action": action, "_selected_action": chosen, **answer}, follow=True)
    return response.content.decode()


def test_an_action_that_needs_an_answer_asks_and_then_does_it(world: World) -> None:
    Transport.objects.create(name="relay", kind="submission", settings={"host": "relay.example"})
    (row,) = queue_letter(world, "a@remote.example")
    client = visit_as(world.admin)
    relay = str(Transport.objects.get().pk)
    for action, heading, answer, value in (
        ("reschedule", "Reschedule 1 recipient", {"by": "2h"}, ("due", (row.due or 0) + 2 * clock.HOUR)),
        ("transport", "Set the transport of 1 recipient", {"transport": relay}, ("transport", "relay")),
        ("tls", "Set the TLS demand of 1 recipient", {"demand": "required"}, ("tls_demand", "required")),
        ("hold", "Hold 1 recipient", {"reason": "audit"}, ("hold_reason", "audit")),
    ):
        asked = act(client, action, row)
        assert heading in asked
        assert "a@remote.example" in asked
        assert "1 recipient " in act(client, action, row, confirmed="yes", **answer)
        row.refresh_from_db()
        assert getattr(row, value[0]) == value[1], action
    assert set(QueueEvent.objects.values_list("by", flat=True)) == {"admin"}
    assert "1 recipient released." in act(client, "release", row)


@pytest.mark.parametrize("key", ["x", "", "9" * 30, "-1"])
def test_what_is_no_row_is_not_acted_upon(world: World, key: str) -> None:
    (row,) = queue_letter(world, "a@remote.example")
    client = visit_as(world.admin)
    for chosen in ([key], [key, str(row.pk)]):
        answer = client.post(QUEUE, {"action": "hold", "_selected_action": chosen}, follow=True)
        assert answer.status_code == 200
    assert "Hold 1 recipient" in answer.content.decode()


def test_a_wrong_answer_is_told_beside_its_field_and_changes_nothing(world: World) -> None:
    (row,) = queue_letter(world, "a@remote.example")
    client = visit_as(world.admin)
    for answer, word in (
        ({}, "Fill in one of the two"),
        ({"at": "1h", "by": "1h"}, "Fill in one of the two"),
        ({"at": "soon"}, "says no time"),
        ({"at": "-1h"}, "lies in the past"),
    ):
        assert word in act(client, "reschedule", row, confirmed="yes", **answer)
    assert not QueueEvent.objects.exists()


def test_fail_and_drop_are_confirmed_with_the_count(world: World) -> None:
    rows = queue_letter(world, "a@remote.example", "b@remote.example", "c@remote.example")
    client = visit_as(world.admin)
    assert "Fail 2 recipients?" in act(client, "fail", *rows[:2])
    assert QueuedRecipient.objects.filter(state="waiting").count() == 3
    assert "2 recipients given up" in act(client, "fail", *rows[:2], confirmed="yes")
    asked = act(client, "drop", *rows)
    assert "Drop 1 recipient?" in asked
    assert "2 recipients of those chosen will not be touched" in asked
    assert "1 recipient dropped." in act(client, "drop", *rows, confirmed="yes")
    assert len(world.messages(world.alice)) == 1


def test_everything_that_a_filter_finds_is_changed_at_once(world: World) -> None:
    rows = queue_letter(world, *[f"x{number}@remote.example" for number in range(3)], "y@other.example")
    client = visit_as(world.admin)
    answer = {"select_across": "1", "_selected_action": str(rows[0].pk), "action": "drop"}
    asked = client.post(QUEUE + "?domain=remote.example", answer).content.decode()
    assert "Drop 3 recipients?" in asked
    client.post(QUEUE + "?domain=remote.example", {**answer, "confirmed": "yes"})
    assert QueuedRecipient.objects.filter(state="dropped").count() == 3


def test_a_filter_that_can_not_be_read_says_so_in_its_place(world: World) -> None:
    queue_letter(world, "a@remote.example")
    text = page(visit_as(world.admin), QUEUE + "?next_attempt=soon")
    assert "next attempt: “soon”: begin with &lt; for before" in text
    assert "0 queued recipients" in text


def test_the_page_of_a_message_has_its_recipients_and_brings_back_to_it(world: World) -> None:
    rows = queue_letter(world, "a@remote.example", "b@remote.example")
    change_queue([rows[0].pk], Hold("audit"))
    client = visit_as(world.admin)
    url = f"/admin/delivery/queuedmessage/{rows[0].message_id}/change/"
    text = page(client, url)
    for word in ("a@remote.example", "b@remote.example", "audit", "alice", "Fail, and tell the senders"):
        assert word in text
    answer = {"action": "release", "_selected_action": str(rows[0].pk), "message": str(rows[0].message_id)}
    assert client.post(QUEUE, answer)["Location"] == url
    assert client.get("/admin/delivery/queuedmessage/1/change/").status_code == 404
    assert client.get("/admin/delivery/queuedmessage/99999999999999999999/change/").status_code == 404


def test_every_page_says_what_is_late_held_or_in_trouble(world: World) -> None:
    client = visit_as(world.admin)
    assert "banner" not in page(client, "/admin/mail/domain/")
    Transport.objects.create(name="relay", kind="submission", settings={"host": "relay.example"})
    for name in ("relay", "removed"):
        TransportTrouble.objects.create(
            transport=name, since=clock.now(), last=clock.now(), stage="auth", text="535 5.7.8 no"
        )
    _, held = queue_letter(world, "a@remote.example", "b@remote.example")
    change_queue([held.pk], Hold())
    clock.advance(12 * clock.MINUTE)
    for url in ("/admin/", "/admin/mail/domain/"):
        text = page(client, url)
        assert "the oldest due message is 12 minutes late" in text
        assert "1 recipient is on hold" in text
        assert "Transport relay fails before it takes any mail" in text
        assert "removed fails" not in text
