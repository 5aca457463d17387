import pytest

from mail.models import Flag
from mail.store.flags import SetFlags
from tests.importing.mailfiles import brought_in, letter, mbox
from tests.pages.visiting import receive
from tests.world.world import World

INTO_INBOX = {"*": "Inbox"}


def test_mail_that_its_mailbox_holds_is_left_out(world: World) -> None:
    brought_in(world, world.alice, "x.mbox", mbox(range(10)), mapping=INTO_INBOX)
    row = brought_in(world, world.alice, "y.mbox", mbox(range(5, 15)), mapping=INTO_INBOX)
    assert (row.messages, row.skipped) == (5, 5)
    assert len(world.messages(world.alice)) == 15


def test_the_same_mail_twice_in_one_file_comes_once(world: World) -> None:
    row = brought_in(world, world.alice, "x.mbox", mbox([1, 2, 1, 1, 3]), mapping=INTO_INBOX)
    assert (row.messages, row.skipped) == (3, 2)


def test_doubles_are_known_wherever_the_keys_of_mail_wait(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In memory, in the file beside the upload, or some in this and some in that."""
    monkeypatch.setattr("importer.engine.doubles._HELD", 7)
    order = [*range(20), 3, *range(20, 30), *range(10, 40), 29]
    row = brought_in(world, world.alice, "x.mbox", mbox(order), mapping=INTO_INBOX)
    assert (row.messages, row.skipped) == (40, len(order) - 40)
    row = brought_in(world, world.alice, "y.mbox", mbox([*range(50), 45]), mapping=INTO_INBOX)
    assert (row.messages, row.skipped) == (10, 41)


def test_another_mailbox_may_hold_the_same_mail(world: World) -> None:
    brought_in(world, world.alice, "x.mbox", mbox([1]), mapping=INTO_INBOX)
    row = brought_in(world, world.alice, "x.mbox", mbox([1]), mapping={"*": "Copy"})
    assert row.messages == 1


def test_mail_with_another_body_is_no_double(world: World) -> None:
    other = mbox([1]).replace(b"This is letter", b"That is letter")
    brought_in(world, world.alice, "x.mbox", mbox([1]), mapping=INTO_INBOX)
    row = brought_in(world, world.alice, "x.mbox", other, mapping=INTO_INBOX)
    assert row.messages == 1


def test_a_header_that_grew_on_the_way_hides_no_double(world: World) -> None:
    """What was received here has fields before it that an export writes out with the message."""
    receive(world, world.alice, letter(1))
    message = world.messages(world.alice)[0]
    exported = b"From x Mon Jan  1 00:00:00 2024\n" + world.message_bytes(message).replace(b"\r\n", b"\n")
    row = brought_in(world, world.alice, "x.mbox", exported + b"\n", mapping=INTO_INBOX)
    assert (row.messages, row.skipped) == (0, 1)


def test_who_wants_doubles_gets_them(world: World) -> None:
    for _ in range(2):
        brought_in(world, world.alice, "x.mbox", mbox([1, 1]), mapping=INTO_INBOX, duplicates="keep")
    assert len(world.messages(world.alice)) == 4


@pytest.mark.parametrize("where", ["there", "in the file"])
def test_doubles_pass_on_their_flags(world: World, where: str) -> None:
    first = mbox([1, 2])
    second = mbox([1], seen=True)
    if where == "there":
        brought_in(world, world.alice, "x.mbox", first, mapping=INTO_INBOX)
        inbox = world.inbox(world.alice)
        world.writer.submit(SetFlags(world.alice.pk, inbox.id, (1,), add=Flag.FLAGGED)).result()
        row = brought_in(world, world.alice, "y.mbox", second, mapping=INTO_INBOX, duplicates="merge")
    else:
        row = brought_in(world, world.alice, "x.mbox", first + second, mapping=INTO_INBOX, duplicates="merge")
    one, two = world.messages(world.alice)
    assert one.flags == (Flag.SEEN | Flag.FLAGGED if where == "there" else Flag.SEEN)
    assert two.flags == 0
    assert world.inbox(world.alice).unseen == 1
    assert (row.skipped, row.merged) == (1, 1)
