"""Reading From, To and other address lists for display (RFC 5322 section 3.4), tolerantly.

For showing and searching only: who may receive or send is decided with strictly parsed envelope addresses.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mail.mime.encoded_words import clean_text, decode_header_text

_RAW_LIMIT = 256 * 1024
_SIMPLE = re.compile(rb'([^"(),:;<>@\[\]\\]*)<([^\s"(),:;<>\\\[\]]+)>\s*')
_TOKEN = re.compile(
    rb'(?P<quoted>"(?:[^"\\]|\\.)*(?:"|\\?\Z))|(?P<angle><[^<>]*>?)|(?P<literal>\[[^\[\]]*\]?)|(?P<open>\()'
    rb'|(?P<special>[,;:])|(?P<word>[^\s"(),:;<>\[]+)',
    re.DOTALL,
)
_COMMENT_PART = re.compile(rb"[()]|\\.", re.DOTALL)
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)


@dataclass(slots=True)  # not frozen: made for each message
class HeaderAddress:
    """One address of a list as clean text: display name and address as written, each possibly empty."""

    name: str
    address: str


def parse_address_list(value: bytes, limit: int = 100) -> tuple[HeaderAddress, ...]:
    """The first `limit` addresses of an unfolded value. Never raises.

    Groups are flattened; a comment behind an address without a name counts as its name.
    """
    simple = _SIMPLE.fullmatch(value)
    if simple is not None:
        one = _cleaned(simple[1], simple[2])
        return () if one is None else (one,)
    found: list[HeaderAddress] = []
    for address in _addresses(value[:_RAW_LIMIT]):
        found.append(address)
        if len(found) >= limit:
            break
    return tuple(found)


@dataclass(slots=True)
class _Pending:
    words: list[bytes] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    angle: bytes | None = None
    comment: bytes = b""

    def address(self) -> HeaderAddress | None:
        bare = b"".join(self.raw)
        if self.angle is not None:
            name, address = b" ".join(self.words), b"".join(self.angle.split())
        elif b"@" in bare:
            name, address = b"", bare
        else:
            name, address = b" ".join(self.words), b""
        if not name and not address:
            return None
        return _cleaned(name or self.comment, address)


def _addresses(value: bytes) -> Iterator[HeaderAddress]:
    pending = _Pending()
    position = 0
    while (token := _TOKEN.search(value, position)) is not None:
        position = token.end()
        kind, raw = token.lastgroup, token[0]
        if kind == "special":
            # A colon ends the name of a group, which is not shown.
            address = pending.address() if raw != b":" else None
            pending = _Pending()
            if address is not None:
                yield address
        elif kind == "angle":
            pending.angle = (
                raw.strip(b"<>").rpartition(b":")[2] if raw.startswith(b"<@") else raw.strip(b"<>")
            )
        elif kind == "open":
            comment, position = _comment(value, position)
            pending.comment = pending.comment or comment
        else:
            pending.raw.append(raw)
            pending.words.append(_ESCAPE.sub(rb"\1", raw[1:].removesuffix(b'"')) if kind == "quoted" else raw)
    last = pending.address()
    if last is not None:
        yield last


def _comment(value: bytes, start: int) -> tuple[bytes, int]:
    """The comment whose parenthesis stands before `start`, and the position behind it."""
    depth = 1
    for part in _COMMENT_PART.finditer(value, start):
        depth += {b"(": 1, b")": -1}.get(part[0], 0)
        if depth == 0:
            return _ESCAPE.sub(rb"\1", value[start : part.start()]), part.end()
    return value[start:], len(value)


def _cleaned(name: bytes, address: bytes) -> HeaderAddress | None:
    one = HeaderAddress(decode_header_text(name), clean_text(_text(address)))
    return one if one.name or one.address else None


def _text(address: bytes) -> str:
    try:
        return address.decode("utf-8")
    except UnicodeDecodeError:
        return address.decode("cp1252", "replace")
