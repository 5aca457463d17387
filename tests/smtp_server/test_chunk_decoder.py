"""Content of chunks, for every way it may be cut."""

import itertools
import re

from hypothesis import given
from hypothesis import strategies as st

from delivery.smtp.server import chunks
from delivery.smtp.server.chunks import ChunkDecoder
from mail.line_ends import with_crlf

CONTENT = st.lists(
    st.sampled_from([b"\r", b"\n", b".", b"\r\n", b"\r\n.\r\n", b"a", b"x" * chunks.PIECE, b"\x00"]),
    max_size=12,
).map(b"".join)
PLACES = st.lists(st.integers(0, 5 * chunks.PIECE), max_size=12)


def cut(content: bytes, places: list[int]) -> list[bytes]:
    borders = [0, *sorted(place % (len(content) + 1) for place in places), len(content)]
    return [content[start:end] for start, end in itertools.pairwise(borders)]


@given(content=CONTENT, places=PLACES)
def test_the_content_comes_out_as_it_was_with_a_line_end_at_its_end(
    content: bytes, places: list[int]
) -> None:
    decoder = ChunkDecoder()
    out = [decoder.feed(piece) for piece in cut(content, places)] + [decoder.finish()]
    is_complete = not content or content.endswith((b"\r", b"\n"))
    assert b"".join(out) == content + (b"" if is_complete else b"\r\n")
    alone = content.replace(b"\r\n", b"")
    assert (decoder.bare_cr, decoder.bare_lf) == (b"\r" in alone, b"\n" in alone)


@given(content=CONTENT, places=PLACES)
def test_normalising_the_pieces_is_like_normalising_the_whole(content: bytes, places: list[int]) -> None:
    decoder = ChunkDecoder()
    out = [decoder.feed(piece) for piece in cut(content, places)] + [decoder.finish()]
    normalised = re.sub(rb"\r\n|\r|\n", b"\r\n", content)
    if normalised and not normalised.endswith(b"\r\n"):
        normalised += b"\r\n"
    assert b"".join(map(with_crlf, out)) == normalised
