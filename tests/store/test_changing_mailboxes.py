import pytest

from mail.models import Destination, Event, Mailbox
from mail.store.flags import RemoveMessages
from mail.store.mailbox_changes import ChangeMailbox, CreateMailbox, DeleteMailbox, MailboxRefused
from mail.store.write import Write
from tests.world.mailboxes import fill, named
from tests.world.world import World


def refused(world: World, write: Write) -> str:
    with pytest.raises(MailboxRefused) as caught:
        world.writer.submit(write).result()
    return str(caught.value)


def create(world: World, *names: str) -> None:
    for name in names:
        world.writer.submit(CreateMailbox(world.alice.pk, name)).result()


def change(world: World, name: str, new: str, use: str = "", subscribed: bool = True) -> ChangeMailbox:
    return ChangeMailbox(world.alice.pk, named(world.alice, name).pk, new, use, subscribed)


def names(world: World) -> set[str]:
    return set(Mailbox.objects.filter(account=world.alice).values_list("name", flat=True))


def test_a_new_mailbox_is_there_once(world: World) -> None:
    create(world, "Projects/2026")
    assert named(world.alice, "Projects/2026").subscribed
    assert "already" in refused(world, CreateMailbox(world.alice.pk, "Projects/2026"))
    assert "can't be empty" in refused(world, CreateMailbox(world.alice.pk, "Projects//x"))
    assert Event.objects.latest("modseq").data["change"] == "created"


def test_mailboxes_inside_follow_a_new_name(world: World) -> None:
    create(world, "A", "A/B", "A/B/C", "AB")
    world.writer.submit(change(world, "A", "Z")).result()
    assert {"Z", "Z/B", "Z/B/C", "AB"} <= names(world)
    assert "A" not in names(world)


def test_a_mailbox_can_take_the_place_of_the_one_around_it(world: World) -> None:
    create(world, "A/B", "A/B/B")
    world.writer.submit(change(world, "A/B", "A")).result()
    assert {"A", "A/B"} <= names(world)
    assert "A/B/B" not in names(world)


def test_addresses_deliver_into_the_renamed_mailbox(world: World) -> None:
    create(world, "Lists")
    Destination.objects.filter(account=world.alice).update(mailbox="Lists")
    world.writer.submit(change(world, "Lists", "Clubs")).result()
    assert Destination.objects.get(account=world.alice).mailbox == "Clubs"
    world.writer.submit(DeleteMailbox(world.alice.pk, named(world.alice, "Clubs").pk)).result()
    assert Destination.objects.get(account=world.alice).mailbox == "Inbox"


def test_names_that_can_not_be_are_refused_and_nothing_changes(world: World) -> None:
    create(world, "A", "A/B", "C", "C/B")
    assert "already" in refused(world, change(world, "A", "C"))
    assert "inside itself" in refused(world, change(world, "A", "A/B/D"))
    assert "at most" in refused(world, change(world, "A", "x" * 199))
    assert "Inbox" in refused(world, change(world, "Inbox", "Post", "inbox"))
    assert {"A", "A/B", "C", "C/B", "Inbox"} <= names(world)


def test_a_use_belongs_to_one_mailbox(world: World) -> None:
    create(world, "Bin")
    world.writer.submit(change(world, "Bin", "Bin", "trash", subscribed=False)).result()
    assert named(world.alice, "Bin").special_use == "trash"
    assert not named(world.alice, "Bin").subscribed
    assert named(world.alice, "Trash").special_use == ""
    assert "only one" in refused(world, change(world, "Bin", "Bin", "inbox"))
    assert "only one" in refused(world, change(world, "Inbox", "Inbox", "junk"))


def test_only_an_empty_mailbox_is_deleted_and_its_uidvalidity_never_returns(world: World) -> None:
    create(world, "Old")
    fill(world, world.alice, "one", mailbox="Old")
    old = named(world.alice, "Old")
    assert "not empty" in refused(world, DeleteMailbox(world.alice.pk, old.pk))
    world.writer.submit(RemoveMessages(world.alice.pk, old.pk, (1,))).result()
    world.writer.submit(DeleteMailbox(world.alice.pk, old.pk)).result()
    create(world, "Old")
    assert named(world.alice, "Old").uidvalidity > old.uidvalidity


def test_the_inbox_and_mailboxes_of_others_stay(world: World) -> None:
    assert "can't be deleted" in refused(world, DeleteMailbox(world.alice.pk, named(world.alice, "Inbox").pk))
    his = named(world.bob, "Archive")
    assert "not there" in refused(world, DeleteMailbox(world.alice.pk, his.pk))
    assert "not there" in refused(world, ChangeMailbox(world.alice.pk, his.pk, "Mine", "", True))
