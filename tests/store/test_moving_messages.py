import pytest

from mail.models import AccountCounters, Event, Flag, Tombstone
from mail.store.flags import SetFlags
from mail.store.mailbox_changes import MailboxRefused
from mail.store.moving import MoveMessages
from tests.world.mailboxes import fill, named, subjects_in
from tests.world.world import World


def test_a_moved_message_gets_a_new_uid_and_leaves_a_tombstone(world: World) -> None:
    fill(world, world.alice, "one", "two", "three")
    fill(world, world.alice, "old", mailbox="Archive")
    inbox, archive = named(world.alice, "Inbox"), named(world.alice, "Archive")
    moved = world.writer.submit(MoveMessages(world.alice.pk, inbox.pk, (3, 1, 77), archive.pk)).result()
    assert moved == [(1, 2), (3, 3)]
    assert subjects_in(world, world.alice) == ["two"]
    assert subjects_in(world, world.alice, "Archive") == ["old", "one", "three"]
    assert sorted(Tombstone.objects.values_list("mailbox_id", "uid")) == [(inbox.pk, 1), (inbox.pk, 3)]
    told = list(Event.objects.order_by("-modseq", "id").values_list("kind", "data")[:2])
    assert told == [
        ("removed", {"mailbox": inbox.pk, "uids": "1,3"}),
        ("new", {"mailbox": archive.pk, "uids": "2:3"}),
    ]


def test_a_moved_message_keeps_flags_keywords_and_its_moment(world: World) -> None:
    fill(world, world.alice, "one")
    inbox = named(world.alice, "Inbox")
    before = world.messages(world.alice)[0]
    marking = SetFlags(world.alice.pk, inbox.pk, (1,), add=Flag.SEEN, add_keywords=("work",))
    world.writer.submit(marking).result()
    used = AccountCounters.objects.get(account=world.alice).bytes
    world.writer.submit(MoveMessages(world.alice.pk, inbox.pk, (1,), named(world.alice, "Junk").pk)).result()
    (after,) = world.messages(world.alice, "Junk")
    assert (after.flags, after.keywords, after.received) == (Flag.SEEN, ["work"], before.received)
    assert (after.id, named(world.alice, "Junk").unseen) == (before.id, 0)
    assert AccountCounters.objects.get(account=world.alice).bytes == used


def test_nothing_moves_into_or_out_of_a_mailbox_of_somebody_else(world: World) -> None:
    fill(world, world.alice, "mine")
    hers, his = named(world.alice, "Inbox"), named(world.bob, "Inbox")
    with pytest.raises(MailboxRefused):
        world.writer.submit(MoveMessages(world.alice.pk, hers.pk, (1,), his.pk)).result()
    assert world.writer.submit(MoveMessages(world.bob.pk, hers.pk, (1,), his.pk)).result() == []
    assert subjects_in(world, world.alice) == ["mine"]


def test_moving_to_where_it_is_changes_nothing(world: World) -> None:
    fill(world, world.alice, "one")
    inbox = named(world.alice, "Inbox")
    assert world.writer.submit(MoveMessages(world.alice.pk, inbox.pk, (1,), inbox.pk)).result() == []
    assert named(world.alice, "Inbox").modseq == inbox.modseq
