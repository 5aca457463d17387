"""The one form of a path that is matched, and the one that is passed on.

RFC 3986 section 6.2.2.3 and what servers do beyond it: dot segments and empty segments go, also those that
are percent-encoded, so that no later reader of the path sees another one than we have matched.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote_from_bytes, unquote_to_bytes

_UNRESERVED_IN_PATHS: Final = "/:@!$&'()*+,;=-._~"


@dataclass(frozen=True, slots=True)
class RequestPath:
    """A cleaned path: `decoded` is what handlers match, `raw` the same path percent-encoded.

    Bytes that are no UTF-8 are kept as surrogates in `decoded`, as in file names.
    """

    decoded: str
    raw: str


def clean_path(raw: str) -> RequestPath:
    """The path of a request target, without query.

    A slash at the end stays; nothing at all means "/". An encoded slash separates segments in `decoded` and
    stays as it is in `raw`, unless cleaning went across it.
    """
    if "%" not in raw and "//" not in raw and "/." not in raw and raw.startswith("/") and raw.isascii():
        return RequestPath(raw, raw)
    decoded = _clean(decode(raw))
    cleaned = _clean(raw)
    if not cleaned.isascii() or decode(cleaned) != decoded:
        cleaned = encode(decoded)
    return RequestPath(decoded, cleaned)


def decode(raw: str) -> str:
    """Percent-encoding undone."""
    return unquote_to_bytes(raw.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")


def encode(path: str, safe: str = _UNRESERVED_IN_PATHS) -> str:
    """The path percent-encoded; control characters, blanks, "?", "#" and "%" never stay."""
    return quote_from_bytes(path.encode("utf-8", "surrogateescape"), safe)


def _clean(path: str) -> str:
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    ends_in_folder = bool(kept) and segments[-1] in ("", ".", "..")
    return "/" + "/".join(kept) + ("/" if ends_in_folder else "")
