"""Keywords of messages (RFC 9051 section 2.3.2): which ones there can be, and their well-known names."""

import re

from mail.mailformats.modified_utf7 import encode_modified_utf7

LONGEST = 100

_NOT_IN_ATOM = re.compile(r"[^!#$&'+,\-./0-9:;<=>?@A-Z\[^_`a-z|}~]+")


def is_keyword(text: str) -> bool:
    """Whether `text` can be a keyword: an IMAP atom of bounded length."""
    return 0 < len(text) <= LONGEST and _NOT_IN_ATOM.search(text) is None


def keyword_from(text: str) -> str:
    """The keyword nearest to a label in free text: "Work/To do" becomes "Work/To_do".

    It is "" when nothing is left.

    Letters outside ASCII are kept in modified UTF-7, as mail programs do.
    """
    plain = "_".join(text.split())
    if not plain.isascii():
        plain = encode_modified_utf7(plain)
    return _NOT_IN_ATOM.sub("_", plain)[:LONGEST]
