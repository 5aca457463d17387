"""Compressing answers on their way to the client, where their handler is configured to."""

from typing import Final

from webserver.edge.compressing import Compressor, compressor
from webserver.edge.encodings import accepted_encodings
from webserver.edge.field_section import Field
from webserver.edge.head import RequestHead
from webserver.edge.media_types import is_compressible

LEAST: Final = 1024
"""Bytes of content below which compressing does not pay."""


def compressed(
    head: RequestHead, status: int, fields: list[Field], length: int | None
) -> tuple[list[Field], Compressor | None]:
    """The fields of an answer and what compresses its content; None when it goes as it is.

    Whatever might be compressed says that it varies. A strong entity tag becomes weak: the bytes differ.
    """
    if status != 200 or (length is not None and length < LEAST):
        return fields, None
    content_type = b""
    for name, value in fields:
        lower = name.lower()
        if lower == b"content-type":
            content_type = value
        elif lower == b"content-encoding" or (lower == b"cache-control" and b"no-transform" in value.lower()):
            return fields, None
    if not is_compressible(content_type.decode("latin-1")):
        return fields, None
    fields = _varying(fields)
    encodings = accepted_encodings(head.get(b"accept-encoding"))
    if not encodings:
        return fields, None
    changed = [_weakened(field) for field in fields if field[0].lower() != b"accept-ranges"]
    changed.append((b"Content-Encoding", encodings[0].encode()))
    return changed, compressor(encodings[0])


def _varying(fields: list[Field]) -> list[Field]:
    said = b",".join(value.lower() for name, value in fields if name.lower() == b"vary")
    if b"accept-encoding" in said or b"*" in said:
        return fields
    return [*fields, (b"Vary", b"Accept-Encoding")]


def _weakened(field: Field) -> Field:
    name, value = field
    return (name, b"W/" + value) if name.lower() == b"etag" and value.startswith(b'"') else field
