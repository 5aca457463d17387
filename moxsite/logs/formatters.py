"""One log record as one line."""

import json
import logging
import math
from collections.abc import Iterator
from typing import Any

from mail import clock
from mail.log.escape import as_text, key, quoted, short_quoted
from mail.log.sessions import current_session
from mail.log.times import log_time

_SHORT = 100
"""Characters of values that are remembered with their quotes: most come again and again."""

OWN_KEYS = frozenset({"time", "level", "pkg", "session", "msg", "exception", "stack"})


class LogfmtFormatter(logging.Formatter):
    """key=value pairs separated by spaces; values in quotes where they need it."""

    def format(self, record: logging.LogRecord) -> str:
        return " ".join([f"{name}={_logfmt_value(value)}" for name, value in record_items(record)])


class JsonFormatter(logging.Formatter):
    """One JSON object (RFC 8259) in ASCII. Numbers, truth values and null stay what they are."""

    def format(self, record: logging.LogRecord) -> str:
        line = json.dumps({name: _json_value(value) for name, value in record_items(record)})
        return line.replace("\x7f", "\\u007f")


def record_items(record: logging.LogRecord) -> Iterator[tuple[str, Any]]:
    """What a line says: time, level, package, session, message, the fields, and exceptions."""
    yield "time", _time(record)
    yield "level", record.levelname.lower()
    yield "pkg", record.name
    if session := current_session():
        yield "session", session
    yield "msg", _message(record)
    fields = getattr(record, "fields", None)
    if isinstance(fields, dict):
        for name, value in fields.items():
            name = key(name)
            yield (f"field_{name}" if name in OWN_KEYS else name), value
    if record.exc_info and record.exc_info[0] is not None:
        yield "exception", _formatter.formatException(record.exc_info)
    if record.stack_info:
        yield "stack", record.stack_info


_formatter = logging.Formatter()


def _time(record: logging.LogRecord) -> str:
    return log_time(round(record.created * clock.SECOND) + clock.offset())


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # arguments that do not fit; the line is worth more than its form
        return f"{as_text(record.msg)} {as_text(record.args)}"


def _logfmt_value(value: Any) -> str:
    """logfmt knows true and false in lower case."""
    kind = type(value)
    if kind is str:
        return short_quoted(value) if len(value) <= _SHORT else quoted(as_text(value))
    if kind is int:
        return str(value)
    return quoted(as_text(str(value).lower() if isinstance(value, bool) else value))


def _json_value(value: Any) -> Any:
    if value is None or isinstance(value, bool | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    # Two lone surrogates would be read as one character; as text they are what they were.
    return as_text(value).encode("utf-8", "backslashreplace").decode()
