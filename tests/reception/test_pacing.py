"""Messages made to keep the server busy are taken in slices, with the same result."""

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.reception.indexing import HEADER_LINES, PacedIndexer, read_header, read_summary
from mail.errors import MailError
from mail.mime.headers import HeaderBlock
from mail.mime.parts import PartIndexer
from mail.mime.summary import summarize
from mail.store.readers import stop_readers

MULTIPART = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"


@pytest.fixture(autouse=True)
def _threads_end() -> Iterator[None]:
    yield
    stop_readers()


async def paced(pieces: list[bytes]) -> bytes:
    indexer = PacedIndexer()
    for piece in pieces:
        waiting = indexer.feed(piece)
        if waiting is not None:
            await waiting
    return await indexer.finish()


def plain(pieces: list[bytes]) -> bytes:
    indexer = PartIndexer()
    for piece in pieces:
        indexer.feed(piece)
    return indexer.finish().to_bytes()


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.sampled_from([b"--b\r\n", b"\r\n--b\r\n" * 60, b"--b--\r\n", b"a: b\r\n\r\n", b"text\r\n"]))
)
def test_slices_make_no_difference(pieces: list[bytes]) -> None:
    many = [MULTIPART, *pieces, b"".join(pieces) * 20]
    for arriving in (many, [b"".join(many)], [MULTIPART + b"".join(pieces)], []):
        assert asyncio.run(paced(arriving)) == plain(arriving)


def test_others_get_their_turn_while_many_parts_arrive() -> None:
    async def count_turns() -> int:
        turns = 0

        async def take_turns() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        other = asyncio.create_task(take_turns())
        await paced([MULTIPART, b"--b\r\n" * 13_000])
        other.cancel()
        return turns

    assert asyncio.run(count_turns()) >= 50


def test_ordinary_pieces_need_no_waiting() -> None:
    indexer = PacedIndexer()
    assert indexer.feed(MULTIPART + b"--b\r\n\r\ntext\r\n--b--\r\n" + b"line\r\n" * 10_000) is None


def test_a_long_header_is_read_like_a_short_one() -> None:
    async def read(block: bytes) -> bytes:
        header = read_header(block)
        return bytes(header if isinstance(header, HeaderBlock) else await header)

    for lines in (1, 1000, 1001, HEADER_LINES):
        block = b"a: b\r\n" * lines
        assert asyncio.run(read(block)) == block
    with pytest.raises(MailError, match=r"552 5\.3\.4"):
        read_header(b"a: b\r\n" * (HEADER_LINES + 1))


@pytest.mark.parametrize("recipients", [1, 500])
def test_a_long_summary_is_made_like_a_short_one(recipients: int) -> None:
    to = b", ".join(b"a%d@example.org" % number for number in range(recipients))
    header = HeaderBlock.parse(b"From: alice@example.org\r\nSubject: hi\r\nTo: " + to + b"\r\n")
    assert asyncio.run(read_summary(header, len(bytes(header)))) == summarize(header)
