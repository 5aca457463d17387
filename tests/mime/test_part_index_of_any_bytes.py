import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.mime import parts
from mail.mime.part_index import PartIndex
from mail.mime.parts import DEPTH_LIMIT, PART_LIMIT, PartIndexer
from tests.mime.messages import contents, cut, multipart_contents, part_index


@given(contents | multipart_contents)
def test_feeding_single_bytes_equals_feeding_the_whole(content: bytes) -> None:
    assert part_index(content, 1) == part_index(content)


@given(multipart_contents, st.integers())
def test_feeding_pieces_equals_feeding_the_whole(content: bytes, seed: int) -> None:
    indexer = PartIndexer()
    for piece in cut(content, seed):
        indexer.feed(piece)
    assert indexer.finish() == part_index(content)


@given(multipart_contents)
def test_skipping_lines_in_bulk_finds_what_single_searches_find(content: bytes) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(parts, "_MISS_LIMIT", 1)
        in_bulk = part_index(content)
        patched.setattr(parts, "_MISS_LIMIT", 10**9)
        assert part_index(content) == in_bulk


@given(contents | multipart_contents | st.binary())
def test_every_part_lies_within_its_parent(content: bytes) -> None:
    index = part_index(content)
    assert index.size == len(content)
    assert len({part.path for part in index.parts}) == len(index.parts)
    for position, part in enumerate(index.parts):
        assert part.parent < position
        start, end = (0, len(content)) if part.parent < 0 else _body(index, part.parent)
        assert start <= part.header_offset <= part.body_offset
        assert part.body_length >= 0
        assert part.body_end <= end or part.body_length == 0
        if part.lines is not None:
            assert part.lines == content.count(b"\n", part.body_offset, part.body_end)


def _body(index: PartIndex, position: int) -> tuple[int, int]:
    parent = index.parts[position]
    return parent.body_offset, parent.body_end


def test_nesting_stops_at_the_limit() -> None:
    index = part_index(b"Content-Type: message/rfc822\r\n\r\n" * 200)
    assert len(index.parts) == DEPTH_LIMIT + 1
    assert not index.truncated


def test_parts_after_the_limit_are_not_listed() -> None:
    index = part_index(b"Content-Type: multipart/mixed; boundary=a\n\n" + b"--a\n\nx\n" * (PART_LIMIT + 5))
    assert len(index.parts) == PART_LIMIT
    assert index.truncated


def test_of_an_endless_header_only_the_start_is_read() -> None:
    part = (
        b"Content-Type: text/html\r\n"
        + b"X: y\r\n" * 20_000
        + b"Content-Disposition: attachment\r\n\r\nbody\r\n--a--\r\n"
    )
    content = b"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n" + part
    index = part_index(content, 4096)
    found = index.part("1")
    assert found is not None
    assert (found.content_type, found.disposition) == ("text/html", "")
    assert content[found.body_offset : found.body_end] == b"body"
