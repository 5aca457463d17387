"""Strategies for headers and messages, and the ways to feed them."""

import random
from collections.abc import Iterator

from hypothesis import strategies as st

from mail.mime.part_index import PartIndex
from mail.mime.parts import PartIndexer

# Pieces that meet the edges of the scanners more often than random bytes do.
HEADER_PIECES = [
    b"\r\n",
    b"\n",
    b"\r",
    b" ",
    b"\t",
    b":",
    b"Subject",
    b"bcc",
    b"Bcc: x",
    b"From ",
    b"a",
    b"\xff",
    b"\x00",
    b"--",
    b"Received: by x",
    b'"',
    b"=?utf-8?q?=C3?=",
    b"=?utf-8?b?w6k=?=",
    b"(",
    b")",
    b"<a@b>",
    b",",
    b";",
]
BODY_PIECES = [
    b"\r\n",
    b"\n",
    b"\r",
    b"--",
    b"--a",
    b"--ab",
    b"--a--",
    b"--ab--",
    b" ",
    b"\t",
    b"text",
    b"-",
    b"\n--\n" * 25,
    b"Content-Type: multipart/mixed; boundary=a\r\n",
    b"Content-Type: multipart/digest; boundary=ab\n",
    b"Content-Type: message/rfc822\r\n",
    b"Content-Type: text/html\r\n",
    b"\r\n\r\n",
    b"\n\n",
    b"\r\n--a\r\n",
    b"\r\n--ab\r\n",
    b"\n--a\n",
    b"\r\n--ab--\r\n",
    b"\r\n--a--\r\n",
    b"x: y\r\n",
    b": ",
    b"y" * 2100,
    b"--a" + b" " * 1000 + b"\n",
    b'\r\n--a\r\nContent-Type: multipart/alternative; boundary="ab"\r\n\r\n',
]


def joined(pieces: list[bytes], most: int = 30) -> st.SearchStrategy[bytes]:
    """Concatenations of `pieces` and of a few random bytes."""
    return st.lists(st.sampled_from(pieces) | st.binary(max_size=4), max_size=most).map(b"".join)


header_blocks = joined(HEADER_PIECES)
contents = joined(BODY_PIECES)
multipart_contents = contents.map(b"Content-Type: multipart/mixed; boundary=a\r\n\r\n".__add__)


def cut(data: bytes, seed: int, longest: int = 40) -> Iterator[bytes]:
    """`data` in pieces of random lengths."""
    lengths = random.Random(seed)
    position = 0
    while position < len(data):
        length = lengths.randint(1, longest)
        yield data[position : position + length]
        position += length


def part_index(content: bytes, step: int | None = None) -> PartIndex:
    """The index of `content`, fed whole or in pieces of `step` bytes."""
    indexer = PartIndexer()
    step = step or len(content) or 1
    for position in range(0, len(content), step):
        indexer.feed(content[position : position + step])
    return indexer.finish()
