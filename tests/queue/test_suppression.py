import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.models import Attempt, QueuedRecipient, QueueEvent, Route, Suppression, Transport
from delivery.queue.reports import recipient_line, timeline_lines
from delivery.queue.suppressing import base_localpart
from delivery.queue.suppression_lists import SuppressionRefused, add_suppression, remove_suppression
from mail.models import Account
from tests.world.delivering import deliverer
from tests.world.dns import FakeDns
from tests.world.smtp_peer import Ordinary, SmtpPeer
from tests.world.submissions import queue_letter, submission
from tests.world.world import World

LOOPBACK = {"remote.example": {"MX": ["10 mx.remote.example."]}, "mx.remote.example": {"A": ["127.0.0.1"]}}
CAROL = "carol@remote.example"


def send_once(world: World, script: Ordinary, *, sender: Account | None = None, to: str = CAROL) -> None:
    """Queue one message and attempt it once, against a server that answers so."""
    with (
        FakeDns(LOOPBACK) as dns,
        SmtpPeer(script) as server,
        deliverer(world, dns, smtp_port=server.port) as worker,
    ):
        world.writer.submit(submission(sender or world.alice, [to])).result()
        worker.deliver_due()


def listed(account: Account) -> list[str]:
    return list(Suppression.objects.filter(account=account).values_list("address", flat=True))


def test_a_long_answer_is_one_short_line_in_the_list_and_in_the_queue(world: World) -> None:
    answer = "\r\n".join([*("550-5.1.1 " + "y" * 200 for _ in range(20)), "550 5.1.1 end"])
    send_once(world, Ordinary(rcpt={CAROL: answer}))
    entry = Suppression.objects.get()
    assert entry.reason.startswith("mx.remote.example answered: 550 5.1.1 yyy")
    assert (len(entry.reason), "\n" in entry.reason) == (300, False)
    row = QueuedRecipient.objects.get()
    assert "\n" in row.last_reply
    line = recipient_line(row)
    assert (len(line) < 500, "\n" in line) == (True, False)
    assert all("\n" not in line for line in timeline_lines(row))


def test_the_longest_address_there_can_be_has_room_in_the_list(world: World) -> None:
    longest = '"' + '\\"' * 128 + '"@' + ".".join(["x" * 60] * 4) + ".example"
    assert len(add_suppression(world.alice, longest).address) == 400
    assert remove_suppression(world.alice, longest).localpart == '"' * 128


def test_the_base_form_is_what_all_spellings_share() -> None:
    for localpart, base in (
        ("Carol", "carol"),
        ("c.a.rol+news", "carol"),
        ("carol-list+x", "carol"),
        ("carol+a-b", "carol"),
        ("+x", "+x"),
        ("-x", "-x"),
        ("+a-b", "+a"),
        ("...", "..."),
        ("ünal+x", "ünal"),
    ):
        assert base_localpart(localpart) == base


@given(st.text(min_size=1))
def test_the_base_form_is_never_empty_and_stays(localpart: str) -> None:
    base = base_localpart(localpart)
    assert base
    assert base_localpart(base) == base or base[0] in "+-."


def test_each_suppressed_recipient_of_a_group_is_refused_here_with_an_explanation(world: World) -> None:
    add_suppression(world.alice, "c.arol+x@remote.example", "she asked for it")
    with (
        FakeDns(LOOPBACK) as dns,
        SmtpPeer(Ordinary()) as server,
        deliverer(world, dns, smtp_port=server.port) as worker,
    ):
        queue_letter(world, "dora@remote.example", CAROL, "Carol-list@remote.example")
        worker.deliver_due()
    states = dict(QueuedRecipient.objects.values_list("localpart", "state"))
    assert states == {"dora": "delivered", "carol": "failed", "Carol-list": "failed"}
    assert Attempt.objects.count() == 1
    (notice,) = world.messages(world.alice)
    text = b" ".join(world.message_bytes(notice).split())
    assert text.count(b"Action: failed") == 2
    assert b"suppression list" in text
    assert b"she asked for it" in text
    assert b"account page" in text
    assert QueueEvent.objects.filter(kind="suppressed").count() == 2


@pytest.mark.only_database("sqlite")
@pytest.mark.parametrize(
    ("reply", "suppresses"),
    [
        ("550 5.1.1 no such user", True),
        ("551 moved", True),
        ("554 5.2.1 mailbox disabled", True),
        ("554 5.7.1 not authorised", True),
        ("554 5.6.0 bad content", False),
        ("450 4.1.1 later", False),
    ],
)
def test_an_answer_that_says_all_suppresses_at_once(world: World, reply: str, suppresses: bool) -> None:
    send_once(world, Ordinary(rcpt={CAROL: reply}))
    assert listed(world.alice) == ([CAROL] if suppresses else [])
    if suppresses:
        entry = Suppression.objects.get()
        assert entry.automatic
        assert reply in entry.reason
        add_once_more(world)
        assert QueuedRecipient.objects.order_by("-id")[0].state == "failed"


def add_once_more(world: World) -> None:
    with deliverer(world) as worker:
        queue_letter(world, CAROL)
        worker.deliver_due()


@pytest.mark.only_database("sqlite")
def test_what_is_said_about_the_sender_suppresses_nobody(world: World) -> None:
    send_once(world, Ordinary(mail="550 5.7.1 your network is blocked"))
    assert QueuedRecipient.objects.get().state == "failed"
    assert listed(world.alice) == []


def test_the_third_failure_in_a_row_suppresses_for_the_same_account_only(world: World) -> None:
    refusal = Ordinary(rcpt={CAROL: "554 5.6.0 not for me"})
    send_once(world, refusal)
    send_once(world, refusal, sender=world.bob)
    send_once(world, refusal, sender=world.bob)
    assert listed(world.bob) == []
    send_once(world, refusal, sender=world.bob)
    assert listed(world.bob) == [CAROL]
    assert listed(world.alice) == []


@pytest.mark.only_database("sqlite")
def test_a_delivery_between_failures_begins_the_count_anew(world: World) -> None:
    refusal = Ordinary(rcpt={CAROL: "554 5.6.0 not for me"})
    for script in (refusal, refusal, Ordinary(), refusal, refusal):
        send_once(world, script)
    assert listed(world.alice) == []
    send_once(world, refusal)
    assert listed(world.alice) == [CAROL]


@pytest.mark.only_database("sqlite")
def test_a_transport_of_kind_fail_never_suppresses(world: World) -> None:
    refuse = Transport.objects.create(
        name="refuse", kind="fail", settings={"smtp_code": 550, "smtp_message": "not allowed"}
    )
    Route(to_domains=["remote.example"], transport=refuse).save()
    for _ in range(3):
        add_once_more(world)
    assert set(QueuedRecipient.objects.values_list("state", flat=True)) == {"failed"}
    assert listed(world.alice) == []


@pytest.mark.only_database("sqlite")
def test_a_list_has_each_address_once_in_whatever_spelling(world: World) -> None:
    add_suppression(world.alice, CAROL)
    for wrong, word in (("Carol+x@remote.example", "already"), ("carol", "no address")):
        with pytest.raises(SuppressionRefused, match=word):
            add_suppression(world.alice, wrong)
    with pytest.raises(SuppressionRefused, match="not on the list"):
        remove_suppression(world.bob, CAROL)
    remove_suppression(world.alice, "carol-x@REMOTE.example")
    assert listed(world.alice) == []
