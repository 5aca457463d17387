"""Content-Transfer-Encoding undone piece by piece, and bytes of a text part as text (RFC 2045 section 6)."""

import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mail.mime.charsets import decode_bytes

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="
_NOT_BASE64 = bytes(set(range(256)) - set(_BASE64))
# Runs of blanks are entered at their first one only and never given back: time stays linear.
_TRAILING_BLANKS = re.compile(rb"(?<![ \t])[ \t]++(?=\r?\n)")
_LONGEST_LINE = 64 * 1024
_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]+")


@dataclass(frozen=True, slots=True)
class DecodedText:
    """Text of a part, and whether it was cut at the limit."""

    text: str
    truncated: bool


def decode_transfer(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """The content behind `encoding`, a Content-Transfer-Encoding in lower case.

    7bit, 8bit, binary and unknown encodings give the chunks as they are.
    """
    if encoding == "base64":
        return decode_base64(chunks)
    if encoding == "quoted-printable":
        return decode_quoted_printable(chunks)
    return iter(chunks)


def decode_base64(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes behind base64. Never raises.

    Characters outside the alphabet are skipped (RFC 2045 section 6.8), missing padding is added, a single
    left over character is dropped, and data behind padding continues: some senders join several encodings.
    """
    pending = b""
    for chunk in chunks:
        *ended, pending = (pending + chunk.translate(None, _NOT_BASE64)).split(b"=")
        decoded = b"".join(_base64_run(run) for run in ended)
        whole = len(pending) - len(pending) % 4
        decoded += _base64_run(pending[:whole])
        pending = pending[whole:]
        if decoded:
            yield decoded
    if rest := _base64_run(pending):
        yield rest


def _base64_run(run: bytes) -> bytes:
    left_over = len(run) % 4
    if left_over == 1:
        run = run[:-1]
    elif left_over:
        run += b"=" * (4 - left_over)
    return binascii.a2b_base64(run)


def decode_quoted_printable(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The bytes behind quoted-printable (RFC 2045 section 6.7). Never raises.

    Blanks at the ends of lines are dropped, an "=" that starts no code stays as it is.
    """
    pending = b""
    for chunk in chunks:
        data = pending + chunk
        end = data.rfind(b"\n") + 1
        if len(data) - end > _LONGEST_LINE:
            end = _safe_cut(data)
        pending = data[end:]
        if end:
            yield binascii.a2b_qp(_without_trailing_blanks(data[:end]))
    if pending := pending.rstrip(b" \t"):
        yield binascii.a2b_qp(pending)


def _without_trailing_blanks(lines: bytes) -> bytes:
    # Hardly any sender leaves blanks there, and looking for them is much cheaper than the pattern.
    if any(mark in lines for mark in (b" \r", b" \n", b"\t\r", b"\t\n")):
        return _TRAILING_BLANKS.sub(b"", lines)
    return lines


def _safe_cut(data: bytes) -> int:
    """Where an endless line can be cut: not inside a code nor before blanks that may be its last."""
    kept = data.rstrip(b" \t\r")
    equals = kept.rfind(b"=", max(0, len(kept) - 2))
    cut = equals if equals >= 0 else len(kept)
    # Nobody pads a line with this many blanks; they are content, or memory would grow with them.
    return cut if len(data) - cut <= _LONGEST_LINE else len(data) - 2


def decode_text(chunks: Iterable[bytes], charset: str, limit: int) -> DecodedText:
    """The first `limit` characters of a text part from its chunks with the transfer encoding undone.

    Never raises for bad data: see `charsets.decode_bytes`. Line ends become LF; control characters other than
    tab, line and page feed are dropped. Reads no more chunks than it needs.
    """
    # Four bytes a character are enough for every charset but UTF-7, whose texts may be cut earlier.
    wanted = 4 * limit + 4
    collected = bytearray()
    truncated = False
    for chunk in chunks:
        collected += chunk
        if len(collected) > wanted:
            truncated = True
            break
    text = decode_bytes(_whole_characters(collected[:wanted]) if truncated else bytes(collected), charset)
    text = _CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return DecodedText(text[:limit], truncated or len(text) > limit)


def _whole_characters(data: bytearray) -> bytes:
    """`data` without a character that was cut at its end: all of it would no longer be valid UTF-8."""
    for length in range(1, min(4, len(data)) + 1):
        byte = data[-length]
        if byte >= 0xC0:
            return bytes(data[:-length])
        if byte < 0x80:
            break
    return bytes(data)
