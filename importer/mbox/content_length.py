"""Messages that say in Content-Length how long their body is, as mutt and Dovecot do.

Such programs quote nothing: the length is what tells where a message ends.
"""

import re

_BLANK_LINE = re.compile(rb"\n\r?\n")
_LENGTH = re.compile(rb"^Content-Length:[ \t]*(\d{1,18})[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)


def declared_end(text: bytes, start: int = 0) -> int | None:
    """Where the message that begins at `start` ends by its own word; None when it says nothing."""
    blank = _BLANK_LINE.search(text, start)
    if blank is None or text.find(b"ength:", start, blank.start()) < 0:
        return None
    found = _LENGTH.search(text, start, blank.start() + 1)
    return blank.end() + int(found[1]) if found else None
