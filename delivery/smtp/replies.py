"""Reading SMTP replies: bytes in, replies out, no sockets (RFC 5321 section 4.2, RFC 2034)."""

import re
from functools import lru_cache

from mail.errors import MailError, Reply

LINE_LIMIT = 2048
REPLY_LIMIT = 64 * 1024
_SHORT = 128
"""Bytes of lines that are remembered."""

_ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?:[ \t]+|$)")
# A peer's text ends up in logs, pages and delivery reports: nothing in it may act there, neither control
# characters nor those that hide text or turn its direction.
_ACTING = (
    *range(0x20),
    *range(0x7F, 0xA0),
    *range(0x200B, 0x2010),
    *range(0x2028, 0x202F),
    *range(0x2066, 0x206A),
    0xFEFF,
)
_CONTROLS = dict.fromkeys(_ACTING, "?") | {9: " "}


class ReplySyntaxError(MailError):
    """The peer said something that is no SMTP reply. The connection is out of step and can't be used on."""

    def __init__(self, text: str, cause: str = "") -> None:
        super().__init__(451, "4.5.0", text, cause=cause)


class ReplyReader:
    """Collects bytes and gives complete replies.

    Line ends may be a lone LF; the space after the code may be missing. Lines are limited to 2 KiB and a
    reply to 64 KiB. Text is decoded as UTF-8 (RFC 6531 section 3.7.4.1), control characters become "?".
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._scanned = 0
        self._code = ""
        self._lines: list[str] = []
        self._size = 0
        self.enhanced_codes = False
        """Whether the peer announced ENHANCEDSTATUSCODES: only then is such a code looked for."""

    def feed(self, data: bytes) -> None:
        """Add what the peer sent."""
        self._buffer += data

    @property
    def unread(self) -> int:
        """Bytes that no reply used yet."""
        return len(self._buffer)

    def take_rest(self) -> bytes:
        """Hand over the bytes that no reply used, and forget them."""
        rest = bytes(self._buffer)
        self._buffer.clear()
        self._scanned = 0
        return rest

    def next_reply(self) -> Reply | None:
        """The next complete reply, or None when more bytes are needed.

        Raises ReplySyntaxError for what is no reply: no three digits, several codes in one, over a limit.
        """
        while (line := self._next_line()) is not None:
            if not self._lines and len(line) <= _SHORT and line[3:4] != b"-":
                self._size = 0
                return _single(line, self.enhanced_codes)
            code, last, text = _split(line)
            if self._lines and code != self._code:
                raise ReplySyntaxError("the server mixes codes in one reply", f"{self._code} and {code}")
            self._code = code
            self._lines.append(text)
            if last:
                return self._finish()
        return None

    def _next_line(self) -> bytes | None:
        end = self._buffer.find(b"\n", self._scanned)
        length = len(self._buffer) if end < 0 else end + 1
        if length > LINE_LIMIT:
            raise ReplySyntaxError("the server sent a reply line over 2 KiB")
        if end < 0:
            self._scanned = length
            return None
        line = bytes(self._buffer[:end]).removesuffix(b"\r")
        del self._buffer[:length]
        self._scanned = 0
        self._size += length
        if self._size > REPLY_LIMIT:
            raise ReplySyntaxError("the server sent a reply over 64 KiB")
        return line

    def _finish(self) -> Reply:
        code, lines = self._code, self._lines
        self._code, self._lines, self._size = "", [], 0
        return _reply(code, lines, self.enhanced_codes)


@lru_cache(maxsize=500)
def _single(line: bytes, enhanced_codes: bool) -> Reply:
    """The reply of one line. Most are the same for every message."""
    code, _, text = _split(line)
    return _reply(code, [text], enhanced_codes)


def _reply(code: str, lines: list[str], enhanced_codes: bool) -> Reply:
    number, enhanced = int(code), ""
    if enhanced_codes:
        enhanced, lines = split_enhanced(number, lines)
    return Reply(number, enhanced, "\n".join(lines))


def split_enhanced(code: int, lines: list[str]) -> tuple[str, list[str]]:
    """Take the enhanced status code off the lines that begin with it (RFC 2034 section 4).

    It counts only when its class is the first digit of the code.
    """
    match = _ENHANCED.match(lines[0])
    if match is None or int(match[1]) != code // 100:
        return "", lines
    enhanced = match[0].rstrip()
    if len(lines) == 1:
        return enhanced, [lines[0][match.end() :]]
    stripped = []
    for line in lines:
        found = _ENHANCED.match(line)
        stripped.append(line[found.end() :] if found and found[0].rstrip() == enhanced else line)
    return enhanced, stripped


def _split(line: bytes) -> tuple[str, bool, str]:
    """Code, whether this is the last line, and text."""
    digits, separator = line[:3], line[3:4]
    if len(digits) != 3 or not digits.isdigit() or not b"2" <= digits[:1] <= b"5":
        raise ReplySyntaxError("the server sent something that is no SMTP reply", repr(line[:100]))
    text = line[4:] if separator in (b" ", b"-", b"\t") else line[3:]
    decoded = text.decode("utf-8", "replace")
    if not (decoded.isascii() and decoded.isprintable()):
        decoded = decoded.translate(_CONTROLS)
    return digits.decode(), separator != b"-", decoded
