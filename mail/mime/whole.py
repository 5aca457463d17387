"""The part index of a message that is in memory as a whole.

Most messages have no parts of their own: of those the index follows from where the header section ends.
"""

from dataclasses import dataclass, fields
from functools import lru_cache

from mail.mime.headers import starts_header_section
from mail.mime.open_part import INNER_HEADER_LIMIT, OpenPart
from mail.mime.part_fields import content_fields
from mail.mime.part_index import REQUIRED, VERSION, Part, encode, row_of
from mail.mime.parts import PartIndexer

_REMEMBERED = 500
_LINES = [field.name for field in fields(Part)].index("lines") - REQUIRED


@dataclass(frozen=True, slots=True)
class _Alone:
    """A part without parts, as it is stored: what stands behind its lengths, before and behind its lines."""

    before: str
    after: str
    wants_lines: bool


def stored_index(data: bytes) -> bytes:
    """What PartIndexer gives for the whole message `data`, in the form for storing."""
    end = _header_end(data)
    if not 0 < end <= INNER_HEADER_LIMIT:
        return _searched(data)
    alone = _alone_with(data[:end])
    if alone is None:
        return _searched(data)
    return _stored(len(data), end, alone, data.count(b"\n", end) if alone.wants_lines else 0)


def stored_index_behind(header: bytes, data: bytes, line_ends: int) -> bytes:
    """The same for a message of which more is known: it begins with the section `header`, if that is not
    empty, and has `line_ends`, all of them CR LF. To count them takes as long as everything else.
    """
    end = len(header) + 2
    if not 2 < end <= INNER_HEADER_LIMIT or not data.startswith(b"\r\n", end - 2):
        return stored_index(data)
    alone = _alone_with(header)
    if alone is None:
        return _searched(data)
    return _stored(len(data), end, alone, line_ends - header.count(b"\n") - 1)


def _searched(data: bytes) -> bytes:
    indexer = PartIndexer()
    indexer.feed(data)
    return indexer.finish().to_bytes()


def _alone_with(header: bytes) -> _Alone | None:
    own = content_fields(header)
    return _alone(own) if len(own) <= _REMEMBERED else None


def _header_end(data: bytes) -> int:
    """Where the body starts; 0 if that takes a closer look."""
    blank = data.find(b"\n\r\n", 0, INNER_HEADER_LIMIT)
    if blank < 0 or data.find(b"\n\n", 0, blank + 1) >= 0 or not starts_header_section(data):
        return 0
    return blank + 3


def _stored(size: int, start: int, alone: _Alone, line_ends: int) -> bytes:
    lines = line_ends if alone.wants_lines else ""
    row = f'["1",-1,0,{start},{size - start}{alone.before}{lines}{alone.after}]'
    return f"[{VERSION},{size},0,[{row}]]".encode()


@lru_cache(maxsize=256)
def _alone(own_fields: bytes) -> _Alone | None:
    """For a message with these Content-… fields; None when it may have parts of its own."""
    part = OpenPart(number=0, parent=-1, level=0, header_offset=0, default_type="text/plain", prefix="")
    part.collect_header(own_fields)
    part.begin_body(0)
    if part.can_have_parts or part.is_message:
        return None
    part.lines = 0 if part.wants_lines else None
    values = row_of(part.finished())[REQUIRED:]
    if not part.wants_lines:
        return _Alone(_more(values), "", wants_lines=False)
    return _Alone(_more(values[:_LINES]) + ",", _more(values[_LINES + 1 :]), wants_lines=True)


def _more(values: list[object]) -> str:
    """Further values of a list."""
    return "," + encode(values)[1:-1] if values else ""
