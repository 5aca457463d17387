"""Keywords of messages: IMAP flags that people make up (RFC 9051 section 2.3.2). Pure."""

import re
from typing import Final

LONGEST: Final = 64
_ATOM: Final = re.compile(r"[!#$&'+,\-./0-9:;<=>?@A-Z^_`a-z|~\[]+")


def keyword_problem(text: str) -> str:
    """What is wrong with a keyword; "" when it is fine."""
    if not text:
        return "Type a keyword."
    if len(text) > LONGEST:
        return f"A keyword has at most {LONGEST} characters."
    if not _ATOM.fullmatch(text):
        return (
            "A keyword is one word of unaccented letters, digits and signs, without spaces, quotes, "
            "parentheses, “*”, “%” or “\\”."
        )
    return ""
