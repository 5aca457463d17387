"""The end of DATA and dot-stuffing, for every way the stream may be cut."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.smtp.server.data import DataDecoder
from mail.line_ends import with_crlf

WIRE = st.lists(
    st.sampled_from([b"\r", b"\n", b".", b"\r\n", b"\r\n.", b"\r\n.\r\n", b"a", b"bc", b"\x00", b"\xff"]),
    max_size=40,
).map(b"".join)


def reference(wire: bytes) -> tuple[bytes, bytes] | None:
    """Content and rest, line by line as RFC 5321 tells it; None when there is no end."""
    content = b""
    while True:
        line, end, wire = wire.partition(b"\r\n")
        if not end:
            return None
        if line == b".":
            return content, wire
        content += line.removeprefix(b".") + end


def decode(pieces: list[bytes]) -> tuple[bytes, bytes, DataDecoder] | None:
    decoder = DataDecoder()
    content = b""
    for number, piece in enumerate(pieces):
        content += decoder.feed(piece)
        if decoder.finished:
            return content, decoder.rest + b"".join(pieces[number + 1 :]), decoder
    return None


def cut(wire: bytes, places: list[int]) -> list[bytes]:
    borders = [0, *sorted(place % (len(wire) + 1) for place in places), len(wire)]
    return [wire[start:end] for start, end in itertools.pairwise(borders)]


@given(wire=WIRE, places=st.lists(st.integers(0, 500), max_size=20))
def test_any_cut_of_any_stream_gives_what_the_rfc_says(wire: bytes, places: list[int]) -> None:
    decoded = decode(cut(wire, places))
    expected = reference(wire)
    assert (decoded is None) == (expected is None)
    if decoded is not None and expected is not None:
        assert decoded[:2] == expected
        content = re.sub(rb"\r\n", b"", expected[0])
        assert decoded[2].bare_cr == (b"\r" in content)
        assert decoded[2].bare_lf == (b"\n" in content)


@given(wire=WIRE)
def test_one_byte_at_a_time_is_like_all_at_once(wire: bytes) -> None:
    single = decode([wire[at : at + 1] for at in range(len(wire))])
    whole = decode([wire])
    assert (single and single[:2]) == (whole and whole[:2])


@given(lines=st.lists(st.binary(max_size=30).map(lambda line: re.sub(rb"[\r\n]", b"", line)), max_size=20))
def test_stuffed_content_comes_out_as_it_was(lines: list[bytes]) -> None:
    content = b"".join(line + b"\r\n" for line in lines)
    stuffed = b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines)
    decoded = decode([stuffed + b".\r\nQUIT\r\n"])
    assert decoded is not None
    assert decoded[:2] == (content, b"QUIT\r\n")


@pytest.mark.parametrize(
    ("wire", "content"),
    [
        (b".\r\n", b""),
        (b"\r\n.\r\n", b"\r\n"),
        (b"..\r\n.\r\n", b".\r\n"),
        (b"...\r\n.\r\n", b"..\r\n"),
        (b".a\r\n.\r\n", b"a\r\n"),
        (b"a\r\n..\r\n..\r\n.\r\n", b"a\r\n.\r\n.\r\n"),
    ],
)
def test_short_messages(wire: bytes, content: bytes) -> None:
    decoded = decode([wire])
    assert decoded is not None
    assert decoded[:2] == (content, b"")


@given(wire=WIRE, places=st.lists(st.integers(0, 500), max_size=20))
def test_normalising_pieces_is_like_normalising_the_whole(wire: bytes, places: list[int]) -> None:
    decoder = DataDecoder()
    normalised = raw = b""
    for piece in cut(wire + b"\r\n.\r\n", places):
        content = decoder.feed(piece)
        raw += content
        normalised += with_crlf(content)
        if decoder.finished:
            break
    assert normalised == re.sub(rb"\r\n|\r|\n", b"\r\n", raw)
