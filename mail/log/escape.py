"""Making values of unknown origin safe to stand in a log line."""

import re
from functools import lru_cache
from typing import Any

LONGEST_VALUE = 32_768
"""Characters of one value that are logged; of a longer one its start, and how much is left out."""

# Control characters, line and paragraph separators, invisible and direction-changing characters and
# lone surrogates: a terminal or a log reader could take them for something else than text.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
_PLAIN = re.compile(r'[^\s"=\\]+\Z')
# Most values: printable ASCII that means nothing to a reader of logfmt.
_WORD = re.compile(r"[!#-<>-\[\]-~]+\Z")
_NOT_KEY = re.compile(r"[^A-Za-z0-9_.-]")


def as_text(value: Any) -> str:
    """The value as text, shortened; never fails, whatever its type does."""
    if type(value) is str and len(value) <= LONGEST_VALUE:
        return value
    try:
        if isinstance(value, bytes | bytearray | memoryview):
            text = bytes(value).decode("utf-8", "backslashreplace")
        else:
            text = str(value)
    except Exception as error:
        text = f"({type(value).__name__} that can't be shown: {type(error).__name__})"
    if len(text) > LONGEST_VALUE:
        text = f"{text[:LONGEST_VALUE]}… ({len(text) - LONGEST_VALUE} more characters)"
    return text


def quoted(text: str) -> str:
    """The text as a logfmt value: bare when it is plain, else in double quotes with backslash escapes."""
    if _WORD.match(text):
        return text
    safe = _UNSAFE.sub(_escaped, text.replace("\\", "\\\\").replace('"', '\\"'))
    if safe == text and _PLAIN.match(text):
        return text
    return f'"{safe}"'


short_quoted = lru_cache(maxsize=1000)(quoted)
"""`quoted` for short values that come again and again."""


@lru_cache(maxsize=500)
def key(name: Any) -> str:
    """A field name that can't be taken for anything else."""
    return _NOT_KEY.sub("_", as_text(name)) or "_"


def _escaped(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    return _SHORT.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")
