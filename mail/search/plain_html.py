"""The words of HTML: what stands between the tags. For the index only, never for showing. Pure."""

import html
import re
from typing import Final

_HIDDEN: Final = ("script", "style", "title", "template")
_TAG_NAME: Final = re.compile(r"[a-z]+")


def html_text(source: str) -> str:
    """The text of HTML, tags replaced by spaces. Takes time in proportion to the length, whatever it is."""
    lowered = source.lower()
    if len(lowered) != len(source):  # a few letters have longer lower-case forms
        source = lowered
    pieces: list[str] = []
    position = 0
    gone: set[str] = set()
    while (start := source.find("<", position)) >= 0:
        pieces.append(source[position:start])
        position = _behind(lowered, start, gone)
    pieces.append(source[position:])
    return html.unescape(" ".join(pieces))


def _behind(lowered: str, start: int, gone: set[str]) -> int:
    """Where text goes on behind the tag, comment or hidden element that begins at `start`.

    `gone` keeps the ends that were looked for in vain, so that nothing is looked for twice.
    """
    if lowered.startswith("<!--", start):
        return _after(lowered, "-->", start + 4, gone)
    name = _TAG_NAME.match(lowered, start + 1)
    if name is None and not lowered.startswith(("</", "<!", "<?"), start):
        return start + 1
    end = _after(lowered, ">", start, gone)
    if name is not None and name[0] in _HIDDEN:
        return _after(lowered, f"</{name[0]}", end, gone)
    return end


def _after(lowered: str, mark: str, position: int, gone: set[str]) -> int:
    found = -1 if mark in gone else lowered.find(mark, position)
    if found < 0:
        gone.add(mark)
        return position if mark != ">" else len(lowered)
    return found + len(mark)
