"""Headers that a handler sets in its answers."""

import re
from typing import Final

from mail.kinds.fields import HeadersField
from mail.kinds.reader import SettingsReader
from webserver.routing.values import Headers

RESPONSE_HEADERS: Final = HeadersField(
    name="response_headers",
    label="Response headers",
    help_text="One on each line, as in “X-Frame-Options: DENY”. They replace those of the file or backend.",
)

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FRAMING: Final = frozenset(
    {"connection", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
)


def read_response_headers(reader: SettingsReader) -> Headers:
    """The headers in their order. Nothing in them can end a header (RFC 9110 sections 5.1 and 5.5)."""
    found = reader.table(RESPONSE_HEADERS.name)
    seen: set[str] = set()
    for name, value in found.items():
        for message in (_name_problem(name, seen), _value_problem(name, value)):
            if message:
                reader.problem(RESPONSE_HEADERS.name, message)
        seen.add(name.lower())
    return tuple(found.items())


def _name_problem(name: str, seen: set[str]) -> str:
    if not _TOKEN.fullmatch(name):
        return f"{name!r} is no name of a header: it has letters, digits and hyphens"
    if name.lower() in seen:
        return f"{name} is there twice"
    if name.lower() in _FRAMING:
        return f"{name} says how the answer is sent and can't be set"
    return ""


def _value_problem(name: str, value: str) -> str:
    if not all(" " <= character <= "~" or character == "\t" for character in value):
        return f"the value of {name} must be printable ASCII, without line ends"
    if value != value.strip():
        return f"the value of {name} begins or ends with a blank"
    return ""
