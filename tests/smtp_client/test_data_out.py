"""What goes out after DATA: every line ended by CR LF, dots doubled, and one end only."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from delivery.smtp.client.data_out import BLOCK, DataEncoder, encoded_blocks

mail_like = st.lists(
    st.sampled_from([b"\r\n", b"\n", b"\r", b".", b"..", b"a", b"text", b"\0", b"\xff"]), max_size=40
).map(b"".join)


def encode(pieces: list[bytes]) -> bytes:
    encoder = DataEncoder()
    return b"".join(encoder.encode(piece) for piece in pieces) + encoder.finish()


def reference(content: bytes) -> bytes:
    """Line by line, as RFC 5321 section 4.5.2 says it."""
    lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    stuffed = [b"." + line if line.startswith(b".") else line for line in lines]
    return b"".join(line + b"\r\n" for line in stuffed) + b".\r\n"


def received(wire: bytes) -> bytes:
    """What a server makes of it."""
    lines = wire.removesuffix(b".\r\n").split(b"\r\n")
    return b"\r\n".join(line.removeprefix(b".") for line in lines)


@given(mail_like)
@example(b"")
@example(b".")
@example(b"\r\n.\r\n")
@example(b"\n.\n")
@example(b"\r.\r")
@example(b"\r\r\n\n")
def test_the_wire_form_is_that_of_the_standard(content: bytes) -> None:
    assert encode([content]) == reference(content)


@given(mail_like, st.data())
def test_it_makes_no_difference_how_the_content_is_cut(content: bytes, data: st.DataObject) -> None:
    pieces, rest = [], content
    while rest:
        cut = data.draw(st.integers(0, len(rest)))
        pieces.append(rest[:cut])
        rest = rest[cut:] if cut else rest
        if not cut:
            pieces.append(rest)
            break
    assert encode(pieces) == reference(content)


@given(mail_like)
def test_only_the_end_looks_like_the_end(content: bytes) -> None:
    wire = b"\r\n" + encode([content])
    assert wire.index(b"\r\n.\r\n") == len(wire) - 5
    rest = wire.replace(b"\r\n", b"")
    assert b"\r" not in rest
    assert b"\n" not in rest


@given(st.lists(st.sampled_from([b"", b".", b"..a", b"text."]), max_size=20))
def test_content_with_proper_line_ends_arrives_unchanged(lines: list[bytes]) -> None:
    content = b"".join(line + b"\r\n" for line in lines)
    assert received(encode([content])) == content


async def nothing() -> bytes:
    return b""


def blocks(prefix: bytes, pieces: list[bytes], behind: bytes = b"") -> list[bytes]:
    async def content() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    async def following() -> bytes:
        return behind

    async def main() -> list[bytes]:
        return [block async for block in encoded_blocks(prefix, content(), following)]

    return asyncio.run(main())


def test_a_short_message_is_one_block() -> None:
    assert blocks(b"X: y\r\n", [b"A: b\r\n\r\n", b".dot\r\n"]) == [b"X: y\r\nA: b\r\n\r\n..dot\r\n.\r\n"]


def test_the_commands_that_follow_leave_with_the_end_of_a_message() -> None:
    assert blocks(b"", [b"A: b\r\n"], b"MAIL FROM:<>\r\n") == [b"A: b\r\n.\r\nMAIL FROM:<>\r\n"]


@pytest.mark.parametrize("size", [10_000, BLOCK, 256 * 1024])
def test_a_long_message_comes_in_bounded_blocks(size: int) -> None:
    result = blocks(b"", [b"x" * (size - 2) + b"\r\n"] * 20)
    assert b"".join(result) == (b"x" * (size - 2) + b"\r\n") * 20 + b".\r\n"
    assert max(map(len, result)) <= BLOCK + size


def test_content_that_is_not_read_to_its_end_is_closed() -> None:
    closed = []

    async def content() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"x" * BLOCK
        finally:
            closed.append(True)

    async def main() -> None:
        generator = encoded_blocks(b"", content(), nothing)
        await anext(generator)
        await generator.aclose()
        assert closed

    asyncio.run(main())
