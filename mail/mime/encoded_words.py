"""Header values as text: RFC 2047 encoded words, raw 8-bit text, and what has to be cleaned off both."""

import binascii
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from mail.mime.charsets import decode_bytes
from mail.mime.decode import decode_base64

TEXT_LIMIT = 998
"""Characters of a decoded value that are kept: as many as a line of mail may have."""

# Bounds the work on one value; no real value with 998 characters needs more bytes.
_RAW_LIMIT = 32 * 1024
_REMEMBERED = 100
_WORD_START = re.compile(rb"=\?([A-Za-z0-9_.:+-]{1,40})(?:\*[A-Za-z0-9-]{0,40})?\?([bBqQ])\?")
_SPACES = re.compile("[\t\n\x0b\x0c\r\x85\u2028\u2029]+")
# Controls, and the bidirectional overrides that can show a name or address as another one.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]+")


def decode_header_text(value: bytes, limit: int = TEXT_LIMIT) -> str:
    """The text of an unfolded header value, at most `limit` characters. Never raises.

    Encoded words are decoded wherever they stand, also inside quotes and words where RFC 2047 section 5
    forbids them but senders write them. The result has no control characters and is in NFC.
    """
    if value.isascii() and value.find(b"=?") < 0:
        text = value.decode("ascii")
        if text.isprintable():
            return text.strip()[:limit]
    return (_remembered if len(value) <= _REMEMBERED else _clean)(value, limit)


def _clean(value: bytes, limit: int) -> str:
    return clean_text("".join(_decoded(value[:_RAW_LIMIT])), limit)


_remembered = lru_cache(maxsize=1024)(_clean)
"""Names come again and again."""


def clean_text(text: str, limit: int = TEXT_LIMIT) -> str:
    """`text` on one line, without control characters and surrounding white space, in NFC, cut to `limit`."""
    text = text[: 4 * limit]
    if not (text.isascii() and text.isprintable()):
        text = _FORBIDDEN.sub("", _SPACES.sub(" ", text))
        # Long runs of combining marks make normalization slow; the cut above bounds them.
        text = unicodedata.normalize("NFC", text)
    return text.strip()[:limit]


def _decoded(value: bytes) -> Iterator[str]:
    # Neighbours in one charset are joined before decoding: senders cut characters in two.
    charset: str | None = None
    collected = b""
    for piece_charset, data in _without_gaps(list(_pieces(value))):
        if piece_charset != charset:
            yield decode_bytes(collected, charset or "")
            charset, collected = piece_charset, b""
        collected += data
    yield decode_bytes(collected, charset or "")


def _without_gaps(pieces: list[tuple[str | None, bytes]]) -> Iterator[tuple[str | None, bytes]]:
    """The pieces without the white space between two encoded words (RFC 2047 section 6.2)."""
    for position, (charset, data) in enumerate(pieces):
        between_words = 0 < position < len(pieces) - 1
        if charset is not None or not between_words or data.strip():
            yield charset, data


def _pieces(value: bytes) -> Iterator[tuple[str | None, bytes]]:
    """Pairs of charset and bytes; the charset is None for what stands outside encoded words."""
    position = 0
    while (start := _WORD_START.search(value, position)) is not None:
        end = value.find(b"?=", start.end())
        if end < 0:
            break
        if start.start() > position:
            yield None, value[position : start.start()]
        payload = value[start.end() : end]
        if start[2] in b"bB":
            payload = b"".join(decode_base64([payload]))
        else:
            payload = binascii.a2b_qp(payload, header=True)
        yield start[1].decode("ascii").lower(), payload
        position = end + 2
    if position < len(value):
        yield None, value[position:]
