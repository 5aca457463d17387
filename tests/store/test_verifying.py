from mail.models import Chunk, Content, Mailbox
from mail.store.consistency import inconsistencies
from mail.store.verify import damaged_contents
from tests.world.letters import accept_letter, letter
from tests.world.world import World


def test_every_content_is_read_and_found_whole(world: World) -> None:
    for size in (0, 10, 600_000):
        world.writer.submit(accept_letter(letter(body=b"y" * size), world.alice)).result()
    assert [damage for _, damage in damaged_contents()] == [None] * 3


def test_content_that_lost_one_of_its_references_is_read_while_another_is_there(world: World) -> None:
    world.writer.submit(accept_letter(letter(), world.alice)).result()
    Content.objects.update(doubtful=True)
    assert [damage for _, damage in damaged_contents()] == [None]


def test_a_changed_byte_is_found(world: World) -> None:
    world.writer.submit(accept_letter(letter(), world.alice)).result()
    chunk = Chunk.objects.get()
    Chunk.objects.update(data=bytes(chunk.data).replace(b"Lunch", b"Lynch"))
    ((_, damage),) = damaged_contents()
    assert damage == "the bytes are not the ones that arrived"
    Chunk.objects.update(data=chunk.data)


def test_a_missing_chunk_is_found(world: World) -> None:
    world.writer.submit(accept_letter(letter(body=b"z" * 300_000), world.alice)).result()
    last = Chunk.objects.order_by("id").last()
    assert last is not None
    data = bytes(last.data)
    Chunk.objects.filter(id=last.id).delete()
    ((content, damage),) = damaged_contents()
    assert damage == f"262144 bytes are there of {Content.objects.get().size}"
    assert any(f"content {content} " in sentence for sentence in inconsistencies())
    Chunk.objects.create(id=last.id, data=data)


def test_a_wrong_counter_is_found(world: World) -> None:
    world.writer.submit(accept_letter(letter(), world.alice)).result()
    Mailbox.objects.filter(name="Inbox").update(messages=5)
    assert any("counts 5" in sentence for sentence in inconsistencies())
    Mailbox.objects.filter(name="Inbox").update(messages=1)
