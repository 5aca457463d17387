import pytest

from mail.errors import MailError
from mail.models import Account, Chunk, Content, Event, Mailbox
from mail.store.accept import AcceptMessage
from mail.store.spool import ContentSpool
from tests.world.letters import accept_letter, letter, new_content, summary_of, to_inbox
from tests.world.world import World


def test_a_message_is_kept_byte_for_byte(world: World) -> None:
    raw = letter(body=bytes(range(256)))
    world.writer.submit(accept_letter(raw, world.alice)).result()
    (message,) = world.messages(world.alice)
    assert world.message_bytes(message) == raw
    assert message.content.subject == "Lunch"
    assert message.content.from_address == "carol@remote.example"


def test_two_recipients_share_one_content_and_have_their_own_prefix(world: World) -> None:
    content = new_content(letter())
    copies = (to_inbox(world.alice, b"Delivered-To: a\r\n"), to_inbox(world.bob, b"Delivered-To: b\r\n"))
    world.writer.submit(AcceptMessage(content, copies)).result()
    (for_alice,), (for_bob,) = world.messages(world.alice), world.messages(world.bob)
    assert for_alice.content_id == for_bob.content_id
    assert world.message_bytes(for_bob) == b"Delivered-To: b\r\n" + letter()
    assert for_bob.size == len(b"Delivered-To: b\r\n" + letter())


def test_uids_and_modseqs_rise_within_a_batch(world: World) -> None:
    world.alice  # noqa: B018
    futures = [world.writer.submit(accept_letter(letter(str(n)), world.alice)) for n in range(20)]
    uids = [future.result().placements[0].uid for future in futures]
    assert uids == list(range(1, 21))
    modseqs = [message.modseq for message in world.messages(world.alice)]
    assert modseqs == sorted(set(modseqs))
    assert [event.data["uid"] for event in Event.objects.order_by("modseq")] == uids


def test_counters_follow_in_the_same_commit(world: World) -> None:
    world.writer.submit(accept_letter(letter(), world.alice)).result()
    inbox = world.inbox(world.alice)
    assert (inbox.messages, inbox.unseen, inbox.bytes, inbox.next_uid) == (1, 1, len(letter()), 2)


def test_a_missing_mailbox_is_created(world: World) -> None:
    copy = to_inbox(world.alice, mailbox="Lists/moxsite")
    world.writer.submit(AcceptMessage(new_content(letter()), (copy,))).result()
    assert len(world.messages(world.alice, "Lists/moxsite")) == 1


def test_over_quota_refuses_that_message_alone(world: World) -> None:
    Account.objects.filter(pk=world.bob.pk).update(quota_mb=1)
    big = letter(body=b"x" * 1_000_000)
    futures = [
        world.writer.submit(accept_letter(letter(), world.alice)),
        world.writer.submit(accept_letter(big, world.alice, world.bob)),
        world.writer.submit(accept_letter(letter(), world.bob)),
    ]
    with pytest.raises(MailError, match=r"452 4\.2\.2"):
        futures[1].result()
    assert futures[0].result()
    assert futures[2].result()
    assert (len(world.messages(world.alice)), len(world.messages(world.bob))) == (1, 1)


def test_a_faulty_write_does_not_fail_its_neighbours(world: World) -> None:
    gone = Account(pk=987_654, name="gone")
    futures = [
        world.writer.submit(accept_letter(letter(), account)) for account in (world.alice, gone, world.bob)
    ]
    with pytest.raises(LookupError):
        futures[1].result()
    assert futures[0].result().placements[0].uid == 1
    assert futures[2].result().placements[0].uid == 1


def test_a_large_message_is_written_ahead_and_revealed_by_the_last_commit(world: World) -> None:
    raw = letter(body=b"0123456789abcde\n" * 200_000)
    spool = ContentSpool(world.writer)
    for start in range(0, len(raw), 60_000):
        pending = spool.write(raw[start : start + 60_000])
        if pending is not None:
            pending.result()
            spool.settle()
            assert not world.messages(world.alice)
    content = spool.finish(summary_of(raw), b"")
    assert content.stored_chunks > 5
    assert Content.objects.get().doubtful
    world.writer.submit(AcceptMessage(content, (to_inbox(world.alice),))).result()
    (message,) = world.messages(world.alice)
    assert world.message_bytes(message) == raw
    assert not Content.objects.get().doubtful


def test_an_empty_message_is_a_message_too(world: World) -> None:
    content = ContentSpool(world.writer).finish(summary_of(b""), b"")
    world.writer.submit(AcceptMessage(content, (to_inbox(world.alice),))).result()
    assert world.message_bytes(world.messages(world.alice)[0]) == b""
    assert Chunk.objects.count() == 1


def test_mailboxes_of_one_name_never_share_a_uidvalidity(world: World) -> None:
    first = world.writer.submit(AcceptMessage(new_content(letter()), (to_inbox(world.alice, mailbox="X"),)))
    before = Mailbox.objects.get(pk=first.result().placements[0].mailbox_id).uidvalidity
    from mail.store.flags import RemoveMessages

    mailbox = first.result().placements[0].mailbox_id
    world.writer.submit(RemoveMessages(world.alice.pk, mailbox, (1,))).result()
    Mailbox.objects.get(pk=mailbox).delete()
    again = world.writer.submit(AcceptMessage(new_content(letter()), (to_inbox(world.alice, mailbox="X"),)))
    assert Mailbox.objects.get(pk=again.result().placements[0].mailbox_id).uidvalidity > before
