"""From the bytes of a user's mail program to those that other servers get: no bare CR or LF, and one end."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from delivery.smtp.client.data_out import DataEncoder
from delivery.smtp.server.chunks import ChunkDecoder
from delivery.smtp.server.data import DataDecoder
from mail.line_ends import with_crlf

MAIL_LIKE = st.lists(
    st.sampled_from(
        [b"\r", b"\n", b".", b"\r\n", b"\r\n.\r\n", b"\n.\n", b"\x85", b"\x00", b"a", b"x" * 9000]
    ),
    max_size=30,
).map(b"".join)
PLACES = st.lists(st.integers(0, 10**6), max_size=10)


def cut(content: bytes, places: list[int]) -> list[bytes]:
    borders = [0, *sorted(place % (len(content) + 1) for place in places), len(content)]
    return [content[start:end] for start, end in itertools.pairwise(borders)]


def sent_on(pieces: list[bytes]) -> bytes:
    """What goes out, from before the first line to behind the end."""
    encoder = DataEncoder()
    return b"\r\n" + b"".join(encoder.encode(with_crlf(piece)) for piece in pieces) + encoder.finish()


def check(wire: bytes) -> None:
    lone = wire.replace(b"\r\n", b"")
    assert b"\r" not in lone
    assert b"\n" not in lone
    assert wire.index(b"\r\n.\r\n") == len(wire) - 5


@given(content=MAIL_LIKE, places=PLACES)
def test_after_data(content: bytes, places: list[int]) -> None:
    decoder = DataDecoder()
    pieces = []
    for piece in cut(content + b"\r\n.\r\n", places):
        pieces.append(decoder.feed(piece))
        if decoder.finished:
            break
    check(sent_on(pieces))


@given(content=MAIL_LIKE, places=PLACES)
def test_after_chunks(content: bytes, places: list[int]) -> None:
    decoder = ChunkDecoder()
    check(sent_on([*map(decoder.feed, cut(content, places)), decoder.finish()]))


@given(content=st.binary(max_size=300), places=PLACES)
def test_after_chunks_of_anything(content: bytes, places: list[int]) -> None:
    decoder = ChunkDecoder()
    check(sent_on([*map(decoder.feed, cut(content, places)), decoder.finish()]))
