"""Values with parameters, as in Content-Type and Content-Disposition (RFC 2045 section 5.1, RFC 2231)."""

import re
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from mail.mime.charsets import decode_bytes
from mail.mime.encoded_words import clean_text, decode_header_text

_RAW_LIMIT = 64 * 1024
_PARAMETER_LIMIT = 200
_COMMENT = re.compile(rb"\([^()]*\)")
_PARAMETER = re.compile(rb'\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)(?:"|\\?\Z)[^;]*|([^;]*))', re.DOTALL)
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
_EXTENDED_NAME = re.compile(r"([^*]+)\*(?:(\d{1,3})(\*)?)?")


@dataclass(frozen=True, slots=True)
class ParametrizedValue:
    """A value in lower case and its parameters, names in lower case.

    `plain` has parameters as they stand, unquoted; `extended` those of RFC 2231, joined and decoded.
    """

    value: str
    plain: dict[str, bytes]
    extended: dict[str, str]

    def text(self, name: str) -> str:
        """A parameter as clean text; empty when it is missing. Encoded words are decoded as well."""
        if name in self.extended:
            return clean_text(self.extended[name])
        return decode_header_text(self.plain[name]) if name in self.plain else ""

    def raw(self, name: str) -> bytes:
        """A parameter as the bytes that stand for it; empty when it is missing."""
        if name in self.plain:
            return self.plain[name]
        return self.extended.get(name, "").encode("utf-8")


def parse_parameters(value: bytes) -> ParametrizedValue:
    """Read an unfolded value. Never raises; of a repeated parameter the first one counts."""
    if not value:
        return _EMPTY
    main, _, rest = value[:_RAW_LIMIT].partition(b";")
    if b"(" in main:
        main = _COMMENT.sub(b"", main)
    plain: dict[str, bytes] = {}
    position = 0
    while position < len(rest) and len(plain) < _PARAMETER_LIMIT:
        found = _PARAMETER.match(rest, position)
        if found is None:
            end = rest.find(b";", position)
            position = len(rest) if end < 0 else end + 1
            continue
        name = found[1].decode("ascii", "replace").lower()
        plain.setdefault(name, _unquoted(found))
        position = found.end() + 1
    return ParametrizedValue(main.strip().decode("ascii", "replace").lower(), plain, _extended(plain))


_EMPTY = ParametrizedValue("", {}, {})


def _unquoted(found: re.Match[bytes]) -> bytes:
    if found[2] is not None:
        return _ESCAPE.sub(rb"\1", found[2])
    return found[3].strip()


def _extended(plain: dict[str, bytes]) -> dict[str, str]:
    """The parameters of RFC 2231: charsets, percent encoding, continuations. They leave `plain`."""
    segments: dict[str, dict[int, tuple[bool, bytes]]] = {}
    for name in list(plain):
        if "*" not in name:
            continue
        found = _EXTENDED_NAME.fullmatch(name)
        if found is not None:
            encoded = found[2] is None or found[3] is not None
            segments.setdefault(found[1], {}).setdefault(int(found[2] or 0), (encoded, plain.pop(name)))
    return {name: _joined(parts) for name, parts in segments.items() if 0 in parts}


def _joined(parts: dict[int, tuple[bool, bytes]]) -> str:
    charset = b""
    joined = b""
    for number in range(len(parts)):
        if number not in parts:
            break
        encoded, data = parts[number]
        if number == 0 and encoded and data.count(b"'") >= 2:
            charset, _, data = data.split(b"'", 2)
        joined += unquote_to_bytes(data) if encoded else data
    return decode_bytes(joined, charset.decode("ascii", "replace"))
