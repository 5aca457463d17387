"""Plain text as HTML: escaped, links that can be followed, quoted lines set back."""

import re
from typing import Final

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

_LINK: Final = re.compile(r"\bhttps?://[^\s<>\"“”«»]{1,2000}", re.IGNORECASE)
_AFTER_LINK: Final = ".,;:!?'’*_~"
_PAIRS: Final = {")": "(", "]": "["}


def plain_as_html(text: str) -> SafeString:
    """The text for a <pre>. Only http and https become links; the address shown is the one that opens."""
    return mark_safe("\n".join(_line(line) for line in text.split("\n")))


def _line(line: str) -> str:
    pieces: list[str] = []
    end = 0
    for found in _LINK.finditer(line):
        url = _without_punctuation(found[0])
        pieces.append(escape(line[end : found.start()]))
        pieces.append(
            f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer nofollow">{escape(url)}</a>'
        )
        end = found.start() + len(url)
    pieces.append(escape(line[end:]))
    whole = "".join(pieces)
    return f'<span class="quoted">{whole}</span>' if line.startswith(">") else whole


def _without_punctuation(url: str) -> str:
    """The URL without what belongs to the sentence around it."""
    while url:
        last = url[-1]
        if last in _AFTER_LINK or (last in _PAIRS and url.count(_PAIRS[last]) < url.count(last)):
            url = url[:-1]
        else:
            break
    return url
