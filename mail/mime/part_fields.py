"""The Content-… fields of one part (RFC 2045, RFC 2183, RFC 3676)."""

import re
from dataclasses import dataclass
from functools import lru_cache

from mail.mime.encoded_words import clean_text
from mail.mime.headers import HeaderBlock
from mail.mime.parameters import ParametrizedValue, parse_parameters

FILENAME_LIMIT = 255

_REMEMBERED = 500

_MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,127}/[a-z0-9!#$&^_.+-]{1,127}")
_TOKEN = re.compile(r"[a-z0-9!#$&^_.+-]{1,127}")
_NO_PATH = str.maketrans({"/": "_", "\\": "_"})


@dataclass(frozen=True, slots=True)
class PartFields:
    """What the header of a part says about its content. Texts are clean; missing ones are empty."""

    content_type: str
    charset: str
    boundary: bytes
    flowed: bool
    delete_space: bool
    disposition: str
    filename: str
    content_id: str
    encoding: str


def read_part_fields(block: bytes, default_type: str = "text/plain") -> PartFields:
    """Read the header section of a part. Never raises.

    A missing content type is `default_type`; one that is malformed is text/plain (RFC 2045 section 5.2).
    """
    fields = content_fields(block)
    if len(fields) <= _REMEMBERED:
        return _remembered(fields, default_type)
    return _read(fields, default_type)


def content_fields(block: bytes) -> bytes:
    """The lines of the block that matter here: those of Content-… fields."""
    lower = block.lower()
    start = 0 if lower.startswith(b"content-") else lower.find(b"\ncontent-") + 1
    found: list[bytes] = []
    while start or (not found and lower.startswith(b"content-")):
        end = block.find(b"\n", start)
        while end >= 0 and block[end + 1 : end + 2] in (b" ", b"\t"):
            end = block.find(b"\n", end + 1)
        if end < 0:
            found.append(block[start:])
            break
        found.append(block[start : end + 1])
        start = lower.find(b"\ncontent-", end) + 1
    return b"".join(found)


@lru_cache(maxsize=256)
def _remembered(fields: bytes, default_type: str) -> PartFields:
    """Most messages of a mailbox say the same."""
    return _read(fields, default_type)


def _read(fields: bytes, default_type: str) -> PartFields:
    header = HeaderBlock.parse(fields)
    type_value = header.get("content-type")
    content = parse_parameters(type_value if type_value is not None else default_type.encode())
    disposition = parse_parameters(header.get("content-disposition") or b"")
    encoding = parse_parameters(header.get("content-transfer-encoding") or b"").value
    return PartFields(
        content_type=content.value if _MEDIA_TYPE.fullmatch(content.value) else "text/plain",
        charset=content.text("charset").lower()[:40],
        boundary=content.raw("boundary"),
        flowed=content.text("format").lower() == "flowed",
        delete_space=content.text("delsp").lower() == "yes",
        disposition=disposition.value if _TOKEN.fullmatch(disposition.value) else "",
        filename=_filename(disposition, content),
        content_id=clean_text((header.get("content-id") or b"").decode("utf-8", "replace")).strip("<>"),
        encoding=encoding if _TOKEN.fullmatch(encoding) else "",
    )


def _filename(disposition: ParametrizedValue, content: ParametrizedValue) -> str:
    """A name for saving: never a path, never one that hides a file."""
    name = disposition.text("filename") or content.text("name")
    return name.translate(_NO_PATH).lstrip(".").strip()[:FILENAME_LIMIT]
