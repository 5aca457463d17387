"""A large content is written and hashed while more of it comes in."""

import hashlib
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mail.store.accept import AcceptMessage
from mail.store.chunks import StoreChunks
from mail.store.contents import read
from mail.store.spool import ContentSpool
from mail.store.write import Write
from tests.world.letters import summary_of, to_inbox
from tests.world.world import World


class LateWriter:
    """Holds writes back until the test lets them end."""

    def __init__(self) -> None:
        self.backlog = 0
        self.waiting: list[Future[Any]] = []
        self.writes: list[StoreChunks] = []

    def submit(self, write: Write) -> "Future[Any]":
        assert isinstance(write, StoreChunks)
        self.writes.append(write)
        self.waiting.append(Future())
        return self.waiting[-1]


def take_in(spool: ContentSpool, pieces: Sequence[bytes]) -> None:
    """As a session does that waits only when it is told to."""
    for piece in pieces:
        if (pending := spool.write(piece)) is not None:
            pending.result()
            spool.settle()


@given(sizes=st.lists(st.integers(1, 900_000), min_size=1, max_size=8))
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_pieces_are_stored_whole_and_hashed_right(world: World, sizes: list[int]) -> None:
    pieces = [bytes([number + 65]) * size for number, size in enumerate(sizes)]
    spool = ContentSpool(world.writer)
    take_in(spool, pieces)
    content = spool.finish(summary_of(b""), b"")
    whole = b"".join(pieces)
    assert (content.size, content.sha256) == (len(whole), hashlib.sha256(whole).digest())
    world.writer.submit(AcceptMessage(content, (to_inbox(world.alice),))).result()
    stored = world.messages(world.alice)[-1]
    assert b"".join(read(stored.content_id)) == whole


def test_while_chunks_are_on_their_way_three_more_gather_and_then_go_together() -> None:
    writer = LateWriter()
    spool = ContentSpool(writer)
    assert spool.write(bytes(300_000)) is None
    assert [spool.write(bytes(262_144)) for _ in range(2)] == [None] * 2
    assert len(writer.waiting) == 1
    assert spool.write(bytes(262_144)) is writer.waiting[0]
    writer.waiting[0].set_result(7)
    take_in(spool, [b"x"])
    assert [len(write.chunks) for write in writer.writes] == [1, 3]


def test_each_chunk_is_waited_for_where_many_write() -> None:
    writer = LateWriter()
    spool = ContentSpool(writer)
    spool.write(bytes(300_000))
    writer.backlog = 100
    assert spool.write(bytes(262_144)) is writer.waiting[0]
    assert ContentSpool(writer).write(bytes(300_000)) is writer.waiting[1]


def test_a_chunk_that_could_not_be_written_is_told_at_the_next_one() -> None:
    writer = LateWriter()
    spool = ContentSpool(writer)
    spool.write(bytes(300_000))
    writer.waiting[0].set_exception(OSError("no space left"))
    with pytest.raises(OSError, match="no space left"):
        take_in(spool, [bytes(300_000)] * 5)
