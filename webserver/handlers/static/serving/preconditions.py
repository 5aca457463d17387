"""Conditional and range requests (RFC 9110 sections 13 and 14). Pure."""

import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final

from mail import clock
from webserver.edge.head import RequestHead

_RANGE: Final = re.compile(rb"bytes[ \t]*=[ \t]*(\d*)[ \t]*-[ \t]*(\d*)[ \t]*")
_TAG: Final = re.compile(rb'(?:W/)?"[^"]*"')


@dataclass(frozen=True, slots=True)
class Version:
    """What identifies the state of a file: a strong entity tag, and its last change in whole seconds."""

    tag: bytes
    modified: int


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes from `start` up to but not including `end`."""

    start: int
    end: int


WHOLE: Final = None
"""No part was asked for, or several, which we need not send."""

OUTSIDE: Final = Part(0, 0)
"""The part that was asked for is not there: 416."""


def precondition_status(head: RequestHead, version: Version) -> int:
    """412 or 304 when the client's conditions say so, else 200."""
    match = head.get(b"if-match")
    if match is not None:
        if not _names(match, version.tag, weak=False):
            return 412
    elif (moment := _moment(head.get(b"if-unmodified-since"))) is not None and version.modified > moment:
        return 412
    none_match = head.get(b"if-none-match")
    if none_match is not None:
        return 304 if _names(b",".join(head.all(b"if-none-match")), version.tag, weak=True) else 200
    moment = _moment(head.get(b"if-modified-since"))
    return 304 if moment is not None and version.modified <= moment else 200


def wanted_part(head: RequestHead, version: Version, size: int) -> Part | None:
    """The one range of a GET; WHOLE, or OUTSIDE. If-Range with another version means the whole."""
    value = head.get(b"range")
    if value is None or head.method != b"GET":
        return WHOLE
    condition = head.get(b"if-range")
    if condition is not None and not _is_same(condition, version):
        return WHOLE
    match = _RANGE.fullmatch(value)
    if match is None or not (match[1] or match[2]):
        return WHOLE
    first, last = _number(match[1]), _number(match[2])
    if not match[1]:
        return Part(max(0, size - last), size) if last and size else OUTSIDE
    if match[2] and last < first:
        return WHOLE
    if first >= size:
        return OUTSIDE
    return Part(first, min(last + 1, size) if match[2] else size)


def _number(digits: bytes) -> int:
    """Of what is longer than any file, only so many digits that it still is."""
    return int(digits.lstrip(b"0")[:19] or b"0")


def _names(value: bytes, tag: bytes, *, weak: bool) -> bool:
    if value.strip() == b"*":
        return True
    found: list[bytes] = _TAG.findall(value)
    return any(one == tag or (weak and one.removeprefix(b"W/") == tag) for one in found)


def _is_same(condition: bytes, version: Version) -> bool:
    if condition.startswith((b'"', b"W/")):
        return condition == version.tag
    return _moment(condition) == version.modified


def _moment(value: bytes | None) -> int | None:
    """Seconds since the epoch; None for no or a broken date, which then does not count."""
    if not value:
        return None
    try:
        return clock.from_datetime(parsedate_to_datetime(value.decode("latin-1"))) // clock.SECOND
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
