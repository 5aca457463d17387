from collections.abc import Iterator

import pytest
from django.db import OperationalError

from delivery.models import Attempt, QueuedRecipient, QueueEvent, Route, Transport
from delivery.queue.notices import Notices
from delivery.queue.tryout import Tryout
from mail import clock
from mail.models import Account, AccountCounters, Chunk, Domain
from tests.world.delivering import deliverer
from tests.world.dns import FakeDns
from tests.world.letters import letter
from tests.world.smtp_peer import Ordinary, SmtpPeer
from tests.world.submissions import queue_letter
from tests.world.world import World

LOOPBACK = {"remote.example": {"MX": ["10 mx.remote.example."]}, "mx.remote.example": {"A": ["127.0.0.1"]}}


@pytest.fixture
def dns() -> Iterator[FakeDns]:
    with FakeDns(LOOPBACK) as server:
        yield server


def attempts_of(row: QueuedRecipient) -> list[Attempt]:
    return list(Attempt.objects.filter(recipient=row).order_by("number"))


def wait_for_next(row: QueuedRecipient) -> None:
    """Move the clock to the recipient's next attempt."""
    row.refresh_from_db()
    assert row.due is not None
    clock.advance(row.due - clock.now() + 1)


def test_a_message_arrives_at_the_mx_byte_for_byte(world: World, dns: FakeDns) -> None:
    with SmtpPeer(Ordinary()) as server, deliverer(world, dns, smtp_port=server.port) as worker:
        (row,) = queue_letter(world, "carol@remote.example")
        assert worker.deliver_due() == 1
    assert server.messages == [letter(sender="alice@example.org") + b".\r\n"]
    row.refresh_from_db()
    assert (row.state, row.last_reply) == ("delivered", "250 2.0.0 queued as 123")
    (attempt,) = attempts_of(row)
    assert (attempt.host, attempt.ip, attempt.rule) == (
        "mx.remote.example",
        "127.0.0.1",
        "no route matches: direct delivery",
    )


def test_a_large_message_is_streamed_from_its_chunks(world: World, dns: FakeDns) -> None:
    raw = letter(body=b"0123456789abcdef\r\n" * 50_000, sender="alice@example.org")
    with SmtpPeer(Ordinary()) as server, deliverer(world, dns, smtp_port=server.port) as worker:
        queue_letter(world, "carol@remote.example", raw=raw)
        worker.deliver_due()
    assert server.messages == [raw + b".\r\n"]


def test_recipients_of_one_message_share_a_transaction_and_keep_their_own_replies(
    world: World, dns: FakeDns
) -> None:
    replies = {"no@remote.example": "550 5.1.1 no such user", "later@remote.example": "450 4.2.1 busy"}
    with SmtpPeer(Ordinary(rcpt=replies)) as server, deliverer(world, dns, smtp_port=server.port) as worker:
        rows = queue_letter(world, "ok@remote.example", "no@remote.example", "later@remote.example")
        worker.deliver_due()
    assert len(server.messages) == 1
    states = {row.localpart: QueuedRecipient.objects.get(pk=row.pk).state for row in rows}
    assert states == {"ok": "delivered", "no": "failed", "later": "waiting"}
    (notice,) = world.messages(world.alice)
    assert b"550 5.1.1 no such user" in world.message_bytes(notice)


def test_all_recipients_refused_get_their_own_replies(world: World, dns: FakeDns) -> None:
    replies = {"a@remote.example": "550 5.1.1 no a", "b@remote.example": "551 5.1.6 b moved"}
    with SmtpPeer(Ordinary(rcpt=replies)) as server, deliverer(world, dns, smtp_port=server.port) as worker:
        rows = queue_letter(world, *replies)
        worker.deliver_due()
    assert {QueuedRecipient.objects.get(pk=row.pk).last_reply for row in rows} == set(replies.values())
    (notice,) = world.messages(world.alice)
    text = world.message_bytes(notice)
    for address, reply in replies.items():
        assert f"Final-Recipient: rfc822; {address}".encode() in text
        assert f"Diagnostic-Code: smtp; {reply}".encode() in text
    assert QueueEvent.objects.filter(kind="notice", text="of the failure").count() == 2


def test_a_refused_sender_makes_one_notice_for_all_recipients_of_the_message(
    world: World, dns: FakeDns
) -> None:
    refusing = Ordinary(mail="550 5.7.1 not you")
    with SmtpPeer(refusing) as server, deliverer(world, dns, smtp_port=server.port) as worker:
        queue_letter(world, *(f"r{number}@remote.example" for number in range(60)))
        queue_letter(world, "other@remote.example")
        worker.deliver_due()
    assert set(QueuedRecipient.objects.values_list("state", flat=True)) == {"failed"}
    counts = [world.message_bytes(notice).count(b"Action: failed") for notice in world.messages(world.alice)]
    assert sorted(counts) == [1, 60]


def test_what_was_delivered_is_recorded_though_a_notice_about_another_can_not_be_made(
    world: World, dns: FakeDns, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_database(*_: object) -> None:
        raise OperationalError("the connection is closed")

    monkeypatch.setattr(Notices, "failures", no_database)
    refusing = Ordinary(rcpt={"a@remote.example": "550 5.1.1 no a"})
    with SmtpPeer(refusing) as server, deliverer(world, dns, smtp_port=server.port) as worker:
        refused, taken = queue_letter(world, "a@remote.example", "b@remote.example")
        worker.deliver_due()
    refused.refresh_from_db()
    taken.refresh_from_db()
    assert taken.state == "delivered"
    assert (refused.state, refused.attempts) == ("waiting", 1)


def test_from_the_fourth_attempt_on_the_relay_is_used(world: World, dns: FakeDns) -> None:
    busy = Ordinary(mail="451 4.7.1 greylisted")
    with SmtpPeer(busy) as direct, SmtpPeer(Ordinary()) as relay:
        Transport.objects.create(
            name="relay", kind="smtp", settings={"hosts": [f"localhost:{relay.port}"], "no_starttls": True}
        )
        dns.add("localhost", {"A": ["127.0.0.1"]})
        route = Route(to_domains=["remote.example"], minimum_attempts=3, transport=Transport.objects.get())
        route.save()
        with deliverer(world, dns, smtp_port=direct.port) as worker:
            (row,) = queue_letter(world, "carol@remote.example")
            for _ in range(3):
                assert worker.deliver_due() == 1
                assert worker.deliver_due() == 0
                wait_for_next(row)
            assert relay.messages == []
            worker.deliver_due()
        assert len(relay.messages) == 1
    used = [(attempt.number, attempt.transport, attempt.code) for attempt in attempts_of(row)]
    assert used == [(1, "", 451), (2, "", 451), (3, "", 451), (4, "relay", 250)]


def test_after_the_fifth_failure_the_sender_hears_of_the_delay_and_after_the_eighth_of_the_failure(
    world: World, dns: FakeDns
) -> None:
    busy = Ordinary(mail="451 4.7.1 come back later")
    with SmtpPeer(busy) as server, deliverer(world, dns, smtp_port=server.port) as worker:
        (row,) = queue_letter(world, "carol@remote.example")
        told = []
        for _ in range(8):
            worker.deliver_due()
            told.append(len(world.messages(world.alice)))
            row.refresh_from_db()
            if row.due is not None:
                wait_for_next(row)
    assert told == [0, 0, 0, 0, 1, 1, 1, 2]
    assert row.state == "failed"
    delayed, failed = (world.message_bytes(message) for message in world.messages(world.alice))
    assert b"Action: delayed" in delayed
    assert b"Action: failed" in failed
    assert b"come back later" in failed


def test_the_recipients_of_another_next_hop_are_returned_unattempted(world: World, dns: FakeDns) -> None:
    with SmtpPeer(Ordinary()) as server, deliverer(world, dns, smtp_port=server.port) as worker:
        dns.add("other.example", {"MX": ["10 mx.remote.example."]})
        rows = queue_letter(world, "a@remote.example", "b@other.example")
        from delivery.queue.leasing import LeaseDue

        leased = world.writer.submit(LeaseDue(10, 10, "", 1)).result().recipients
        worker.attempts.run([each.id for each in leased], leased[0].token)
        assert [QueuedRecipient.objects.get(pk=row.pk).state for row in rows] == ["delivered", "waiting"]
        assert worker.deliver_due() == 1
    assert QueuedRecipient.objects.filter(state="delivered").count() == 2
    assert [attempt.number for attempt in Attempt.objects.all()] == [1, 1]


def test_a_transport_that_fails_answers_with_its_own_words(world: World) -> None:
    Transport.objects.create(
        name="refuse", kind="fail", settings={"smtp_code": 550, "smtp_message": "not allowed"}
    )
    Route(to_domains=["remote.example"], transport=Transport.objects.get()).save()
    with deliverer(world) as worker:
        (row,) = queue_letter(world, "carol@remote.example")
        worker.deliver_due()
    row.refresh_from_db()
    assert (row.state, row.last_reply) == ("failed", "550 5.7.0 not allowed")


def test_mail_of_a_disabled_sender_domain_waits(world: World) -> None:
    (row,) = queue_letter(world, "carol@remote.example")
    Domain.objects.filter(name="example.org").update(disabled=True)
    with deliverer(world) as worker:
        worker.deliver_due()
    row.refresh_from_db()
    assert row.state == "waiting"
    assert "disabled" in row.last_reply


def test_a_demanded_transport_that_is_gone_is_a_temporary_failure_naming_it(world: World) -> None:
    (row,) = queue_letter(world, "carol@remote.example")
    QueuedRecipient.objects.update(transport="vanished")
    with deliverer(world) as worker:
        worker.deliver_due()
    row.refresh_from_db()
    assert row.state == "waiting"
    assert "vanished" in row.last_reply


def test_a_recipient_that_expired_is_given_up_without_an_attempt(world: World) -> None:
    (row,) = queue_letter(world, "carol@remote.example")
    clock.advance(row.expires - clock.now() + 1)
    with deliverer(world) as worker:
        worker.deliver_due()
    row.refresh_from_db()
    assert row.state == "failed"
    assert attempts_of(row) == []
    assert b"no attempt could be completed" in world.message_bytes(world.messages(world.alice)[0])


def test_the_timeline_does_not_say_that_a_sender_was_told_whose_mailbox_had_no_room(
    world: World, dns: FakeDns, caplog: pytest.LogCaptureFixture
) -> None:
    (row,) = queue_letter(world, "carol@remote.example")
    Account.objects.filter(pk=world.alice.pk).update(quota_mb=1)
    full = AccountCounters.objects.filter(pk=world.alice.pk)
    before = full.get().bytes
    full.update(bytes=50_000_000)
    refusing = Ordinary(mail="550 5.7.1 go away")
    with SmtpPeer(refusing) as server, deliverer(world, dns, smtp_port=server.port) as worker:
        worker.deliver_due()
    full.update(bytes=before)
    row.refresh_from_db()
    assert row.state == "failed"
    assert not QueueEvent.objects.filter(kind=QueueEvent.Kind.NOTICE).exists()
    assert "a sender could not be told" in caplog.messages


def test_a_message_whose_content_is_lost_ends_with_a_notice(world: World, dns: FakeDns) -> None:
    (row,) = queue_letter(world, "carol@remote.example")
    ((id_, data),) = Chunk.objects.values_list("id", "data")
    Chunk.objects.all().delete()
    with SmtpPeer(Ordinary()) as server, deliverer(world, dns, smtp_port=server.port) as worker:
        for _ in range(row.maximum_attempts):
            worker.deliver_due()
            row.refresh_from_db()
            assert server.messages == []
            if row.due is not None:
                wait_for_next(row)
    assert (row.state, row.last_reply) == ("failed", "451 4.3.0 the message can't be read here")
    delayed, failed = world.messages(world.alice)
    assert b"Action: delayed" in world.message_bytes(delayed)
    assert b"the message can't be read here" in world.message_bytes(failed)
    Chunk.objects.create(id=id_, data=data)


def test_while_moxsite_is_tried_out_the_account_gets_what_would_leave(world: World) -> None:
    with deliverer(world, tryout=Tryout(world.bob.pk)) as worker:
        (row,) = queue_letter(world, "carol@remote.example")
        worker.deliver_due()
    (kept,) = world.messages(world.bob)
    assert b"Delivered-To: carol@remote.example" in world.message_bytes(kept)
    row.refresh_from_db()
    assert row.state == "delivered"


def test_a_server_that_closes_after_data_makes_the_message_wait(world: World, dns: FakeDns) -> None:
    def hang_up(peer: object) -> None:
        from tests.world.smtp_peer import PeerSession

        assert isinstance(peer, PeerSession)
        peer.send("220 mx")
        peer.expect("EHLO")
        peer.send("250 mx")
        for reply in ("250 ok", "250 ok", "354 go"):
            peer.read_line()
            peer.send(reply)
        peer.read_message()

    with SmtpPeer(hang_up) as server, deliverer(world, dns, smtp_port=server.port) as worker:
        (row,) = queue_letter(world, "carol@remote.example")
        worker.deliver_due()
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("waiting", 1)
