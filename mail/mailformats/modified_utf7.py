"""The modified UTF-7 of mailbox names (RFC 3501 section 5.1.3)."""

import base64
import re

_ENCODED_RUN = re.compile(r"[^ -~]+")
_SHIFT = re.compile(r"&([^&-]*)-")


def encode_modified_utf7(name: str) -> str:
    """A mailbox name in printable ASCII."""
    return _ENCODED_RUN.sub(lambda run: encode_run(run[0]), name.replace("&", "&-"))


def encode_run(run: str) -> str:
    """Characters shifted to base64, whether or not they have to be."""
    coded = base64.b64encode(run.encode("utf-16-be"), altchars=b"+,").rstrip(b"=")
    return f"&{coded.decode('ascii')}-"


def decode_modified_utf7(name: str) -> str:
    """The mailbox name behind modified UTF-7. Shifted characters that need no shift are accepted.

    Raises ValueError when it is malformed.
    """
    if not name.isascii() or "&" in _SHIFT.sub("", name):
        raise ValueError(f"not modified UTF-7: {name!r}")
    return _SHIFT.sub(_decoded, name)


def _decoded(shift: re.Match[str]) -> str:
    coded = shift[1]
    if not coded:
        return "&"
    padding = "=" * (-len(coded) % 4)
    return base64.b64decode(coded + padding, altchars=b"+,", validate=True).decode("utf-16-be")
