from mail.models import Content, Event, Flag, Tombstone
from mail.store.flags import RemoveMessages, SetFlags
from tests.world.letters import accept_letter, letter
from tests.world.world import World


def test_reading_a_message_lowers_the_unread_count(world: World) -> None:
    world.writer.submit(accept_letter(letter(), world.alice)).result()
    inbox = world.inbox(world.alice)
    changed = world.writer.submit(SetFlags(world.alice.pk, inbox.pk, (1,), add=Flag.SEEN)).result()
    assert changed == [1]
    assert world.inbox(world.alice).unseen == 0
    assert world.messages(world.alice)[0].flags == Flag.SEEN
    assert Event.objects.order_by("modseq").last().data == {"mailbox": inbox.pk, "uids": "1"}  # type: ignore[union-attr]


def test_setting_a_flag_again_changes_nothing(world: World) -> None:
    world.writer.submit(accept_letter(letter(), world.alice)).result()
    write = SetFlags(world.alice.pk, world.inbox(world.alice).pk, (1, 77), add=Flag.FLAGGED)
    world.writer.submit(write).result()
    modseq = world.inbox(world.alice).modseq
    assert world.writer.submit(write).result() == []
    assert world.inbox(world.alice).modseq == modseq


def test_a_removed_message_leaves_a_tombstone_and_doubtful_content(world: World) -> None:
    for _ in range(2):
        world.writer.submit(accept_letter(letter(), world.alice)).result()
    inbox = world.inbox(world.alice)
    assert world.writer.submit(RemoveMessages(world.alice.pk, inbox.pk, (1,))).result() == [1]
    assert [message.uid for message in world.messages(world.alice)] == [2]
    assert Tombstone.objects.get().uid == 1
    assert Content.objects.filter(doubtful=True).count() == 1
    assert world.inbox(world.alice).messages == 1
