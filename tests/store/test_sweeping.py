from mail import clock
from mail.models import Chunk, Content, Event
from mail.store.flags import RemoveMessages
from mail.store.spool import ContentSpool
from mail.store.sweep import EVENTS_KEPT, GRACE, sweep
from tests.world.letters import accept_letter, letter
from tests.world.world import World


def test_content_of_a_removed_message_goes_after_an_hour(world: World) -> None:
    world.writer.submit(accept_letter(letter(), world.alice)).result()
    world.writer.submit(RemoveMessages(world.alice.pk, world.inbox(world.alice).pk, (1,))).result()
    sweep(world.writer)
    assert Content.objects.count() == 1
    clock.advance(GRACE + 1)
    sweep(world.writer)
    assert (Content.objects.count(), Chunk.objects.count()) == (0, 0)


def test_content_that_another_mailbox_still_has_stays(world: World) -> None:
    world.writer.submit(accept_letter(letter(), world.alice, world.bob)).result()
    world.writer.submit(RemoveMessages(world.alice.pk, world.inbox(world.alice).pk, (1,))).result()
    clock.advance(GRACE + 1)
    sweep(world.writer)
    assert world.message_bytes(world.messages(world.bob)[0]) == letter()
    assert not Content.objects.get().doubtful


def write_and_wait(spool: ContentSpool, data: bytes) -> None:
    """Take it in; afterwards nothing is on its way to the store."""
    spool.write(data)
    spool.settle()
    while (pending := spool.pending) is not None:
        pending.result()
        spool.settle()


def test_an_upload_that_broke_off_is_removed_in_slices(world: World) -> None:
    spool = ContentSpool(world.writer)
    for _ in range(20):
        write_and_wait(spool, b"x" * 512 * 1024)
    assert Chunk.objects.count() > 16
    clock.advance(GRACE + 1)
    sweep(world.writer)
    assert (Content.objects.count(), Chunk.objects.count()) == (0, 0)


def test_an_upload_that_goes_on_is_left_alone(world: World) -> None:
    spool = ContentSpool(world.writer)
    for _ in range(3):
        write_and_wait(spool, b"x" * 512 * 1024)
        clock.advance(GRACE - clock.MINUTE)
        sweep(world.writer)
    assert Content.objects.count() == 1


def test_old_events_are_forgotten(world: World) -> None:
    world.writer.submit(accept_letter(letter(), world.alice)).result()
    clock.advance(EVENTS_KEPT + 1)
    world.writer.submit(accept_letter(letter(), world.alice)).result()
    sweep(world.writer)
    assert [event.data["uid"] for event in Event.objects.all()] == [2]
