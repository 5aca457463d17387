from importer.models import State
from importer.staging.discard import discard
from importer.staging.undo import UNDO, UndoImport
from mail.models import Content, Flag, Mailbox, Tombstone
from mail.store.flags import RemoveMessages, SetFlags
from tests.importing.mailfiles import brought_in, everything, letter, mbox
from tests.pages.visiting import receive
from tests.world.world import World


def test_a_new_mailbox_disappears_as_it_came(world: World) -> None:
    row = brought_in(world, world.alice, "Travel.mbox", mbox(range(20)), mapping={"*": "Travel"})
    assert world.writer.submit(UndoImport(row.pk, world.alice.pk)).result() == (20, 0)
    assert everything(world.alice) == []
    assert not world.alice.mailboxes.filter(name="Travel").exists()
    discard(world.writer)
    assert not Content.objects.exists()
    assert not Mailbox.objects.filter(account=None).exists()
    row.refresh_from_db()
    assert row.state == State.UNDONE


def test_only_what_nobody_touched_goes_from_a_mailbox_with_other_mail(world: World) -> None:
    receive(world, world.alice, letter(100))
    row = brought_in(world, world.alice, "x.mbox", mbox(range(10)), mapping={"*": "Inbox"})
    receive(world, world.alice, letter(101))
    inbox = world.inbox(world.alice)
    world.writer.submit(SetFlags(world.alice.pk, inbox.id, (3,), add=Flag.SEEN)).result()
    world.writer.submit(RemoveMessages(world.alice.pk, inbox.id, (4,))).result()
    assert world.writer.submit(UndoImport(row.pk, world.alice.pk)).result() == (8, 2)
    assert [message.uid for message in world.messages(world.alice)] == [1, 3, 12]
    assert Tombstone.objects.filter(mailbox=inbox).count() == 9
    discard(world.writer)
    assert Content.objects.filter(doubtful=False).count() == 3


def test_mail_that_came_to_a_new_mailbox_since_stays_there(world: World) -> None:
    row = brought_in(world, world.alice, "x.mbox", mbox(range(3)), mapping={"*": "Travel"})
    receive(world, world.alice, letter(100), "Travel")
    assert world.writer.submit(UndoImport(row.pk, world.alice.pk)).result() == (3, 0)
    assert [message.uid for message in world.messages(world.alice, "Travel")] == [4]


def test_an_import_of_long_ago_is_not_undone(world: World) -> None:
    row = brought_in(world, world.alice, "x.mbox", mbox(range(3)), mapping={"*": "Travel"})
    world.clock.advance(UNDO)
    assert world.writer.submit(UndoImport(row.pk, world.alice.pk)).result() is None
    assert len(everything(world.alice)) == 3


def test_nobody_undoes_the_import_of_somebody_else_or_twice(world: World) -> None:
    row = brought_in(world, world.alice, "x.mbox", mbox(range(3)), mapping={"*": "Travel"})
    assert world.writer.submit(UndoImport(row.pk, world.bob.pk)).result() is None
    assert world.writer.submit(UndoImport(row.pk, world.alice.pk)).result() == (3, 0)
    assert world.writer.submit(UndoImport(row.pk, world.alice.pk)).result() is None
