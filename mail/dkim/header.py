"""Header fields as DKIM hashes them (RFC 6376 section 3.4). Pure."""

import re
from typing import Final

_WHITE_SPACE: Final = re.compile(rb"[ \t]+")


def relaxed_field(raw: bytes) -> bytes:
    """A raw field in relaxed form: without its line end and any folding, white space reduced."""
    name, _, value = raw.partition(b":")
    unfolded = value.replace(b"\r\n", b"")
    if b"\t" in unfolded or b"  " in unfolded:
        unfolded = _WHITE_SPACE.sub(b" ", unfolded)
    return name.rstrip(b" \t").lower() + b":" + unfolded.strip(b" ")
