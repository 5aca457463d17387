"""The media type of a file, by its name or else by how it begins."""

import mimetypes
from typing import Final

_TYPES: Final = mimetypes.MimeTypes()
for _extension, _type in (
    (".avif", "image/avif"),
    (".css", "text/css"),
    (".ico", "image/x-icon"),
    (".js", "text/javascript"),
    (".json", "application/json"),
    (".map", "application/json"),
    (".md", "text/markdown"),
    (".mjs", "text/javascript"),
    (".svg", "image/svg+xml"),
    (".wasm", "application/wasm"),
    (".webmanifest", "application/manifest+json"),
    (".webp", "image/webp"),
    (".woff", "font/woff"),
    (".woff2", "font/woff2"),
    (".xml", "text/xml"),
):
    _TYPES.add_type(_type, _extension)

_ENCODED: Final = {"gzip": "application/gzip", "bzip2": "application/x-bzip2", "xz": "application/x-xz"}
_MAGIC: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
)
_HTML: Final = (b"<!doctype html", b"<html", b"<head", b"<body", b"<!--")

COMPRESSIBLE: Final = frozenset(
    {
        "application/atom+xml",
        "application/javascript",
        "application/json",
        "application/manifest+json",
        "application/rss+xml",
        "application/vnd.ms-fontobject",
        "application/wasm",
        "application/x-javascript",
        "application/xhtml+xml",
        "application/xml",
        "font/otf",
        "font/ttf",
        "image/bmp",
        "image/svg+xml",
        "image/x-icon",
    }
)


def type_by_name(name: str) -> str:
    """The type that the extension stands for; "" when it stands for none."""
    found, encoding = _TYPES.guess_type("/" + name.rpartition("/")[2])
    if encoding is not None:
        return _ENCODED.get(encoding, "application/octet-stream")
    return _with_charset(found) if found else ""


def type_by_content(beginning: bytes) -> str:
    """The type of a file that begins so. Never a script: what is not known to be more is text or bytes."""
    for magic, found in _MAGIC:
        if beginning.startswith(magic):
            return found
    if beginning.lstrip().lower().startswith(_HTML):
        return "text/html; charset=utf-8"
    if any(byte < 32 and byte not in b"\t\n\f\r\x1b" for byte in beginning):
        return "application/octet-stream"
    return "text/plain; charset=utf-8"


def is_compressible(content_type: str) -> bool:
    """Whether content of this type gets shorter by compressing it."""
    plain = content_type.partition(";")[0].strip().lower()
    return (
        (plain.startswith("text/") and plain != "text/event-stream")
        or plain.endswith(("+json", "+xml"))
        or plain in COMPRESSIBLE
    )


def _with_charset(content_type: str) -> str:
    return f"{content_type}; charset=utf-8" if content_type.startswith("text/") else content_type
