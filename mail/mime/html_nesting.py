"""Rewriting HTML so that parsing it takes time and memory in proportion to its size.

HTML parsers follow rules that let a small text grow: open formatting elements are repeated in every later
paragraph, nesting without end makes every step walk the nest, a tag may have any number of attributes. A
message of 100 KB can so keep a parser busy for seconds and a gigabyte. What leaves this module is well
nested, with bounded depth, tags and attributes. It is not safe to show: sanitising comes after it.
"""

import re
from collections import Counter

from mail.mime.html_elements import (
    BLOCKS,
    CLOSED_BY,
    FORMATTING,
    LISTS,
    REMOVED_WITH_CONTENT,
    SCOPES,
    SHOWN,
    TABLE,
    VOID,
)

DEPTH_LIMIT = 200
FORMATTING_LIMIT = 12
TAG_LIMIT = 60_000
_ATTRIBUTE_LIMIT = 40

_NAME = re.compile(r"</?([a-zA-Z][a-zA-Z0-9:_-]{0,40})")
_SIMPLE_TAG = re.compile(r"<[^<>]*>")
_QUOTED = str.maketrans({'"': "&quot;", "<": "&lt;", ">": "&gt;"})
_ATTRIBUTE = re.compile(r"""[\s/]*([^\s/>=<"']{1,100})(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]*)))?""")


class _Outline:
    def __init__(self, source: str) -> None:
        self._source = source
        self._out: list[str] = []
        self._open: list[str] = []
        self._counts: Counter[str] = Counter()
        self._formatting = 0
        self._tags = 0

    def write(self) -> str:
        source, position = self._source, 0
        while (start := source.find("<", position)) >= 0 and self._tags < TAG_LIMIT:
            self._out.append(source[position:start])
            position = self._markup(start)
        self._out.append(_SIMPLE_TAG.sub(" ", source[position:]).replace("<", "&lt;"))
        self._close_to(0)
        return "".join(self._out)

    def _markup(self, start: int) -> int:
        source = self._source
        name_match = _NAME.match(source, start)
        if name_match is not None:
            return self._tag(start, name_match[1].lower(), name_match.end())
        if source.startswith("<!--", start):
            return self._behind("-->", start + 2)
        if source.startswith(("<!", "<?", "</"), start):
            return self._behind(">", start)
        self._out.append("&lt;")
        return start + 1

    def _behind(self, mark: str, start: int) -> int:
        end = self._source.find(mark, start)
        return len(self._source) if end < 0 else end + len(mark)

    def _tag(self, start: int, name: str, position: int) -> int:
        attributes: list[tuple[str, str]] = []
        while len(attributes) < _ATTRIBUTE_LIMIT:
            found = _ATTRIBUTE.match(self._source, position)
            if found is None:
                break
            attributes.append((found[1], found[2] or found[3] or found[4] or ""))
            position = found.end()
        position = self._behind(">", position)
        self._tags += 1
        if self._source.startswith("</", start):
            self._end(name)
        elif name in REMOVED_WITH_CONTENT:
            return self._behind_element(name, position)
        elif name in SHOWN:
            self._start(name, attributes)
        return position

    def _behind_element(self, name: str, position: int) -> int:
        end = re.compile(rf"</{name}[^a-z0-9]", re.IGNORECASE).search(self._source, position)
        return len(self._source) if end is None else self._behind(">", end.start())

    def _start(self, name: str, attributes: list[tuple[str, str]]) -> None:
        self._close_implied(name)
        if name not in VOID:
            if len(self._open) >= DEPTH_LIMIT:
                return
            if name in FORMATTING:
                if self._formatting >= FORMATTING_LIMIT:
                    return
                self._formatting += 1
            self._open.append(name)
            self._counts[name] += 1
        values = (f' {key}="{value.translate(_QUOTED)}"' for key, value in attributes)
        self._out.append(f"<{name}{''.join(values)}>")

    def _close_implied(self, name: str) -> None:
        """Close what a parser would close before this start tag."""
        closed = CLOSED_BY.get(name, frozenset())
        if name in BLOCKS:
            closed = closed | {"p"}
        if not any(self._counts[element] for element in closed):
            return
        for depth in range(len(self._open) - 1, -1, -1):
            element = self._open[depth]
            if element in closed:
                self._close_to(depth)
            elif element in SCOPES or element in LISTS:
                break

    def _end(self, name: str) -> None:
        if not self._counts[name]:
            return
        barrier = frozenset(["table"]) if name in TABLE else SCOPES
        for depth in range(len(self._open) - 1, -1, -1):
            if self._open[depth] == name:
                self._close_to(depth)
                break
            if self._open[depth] in barrier:
                break

    def _close_to(self, depth: int) -> None:
        while len(self._open) > depth:
            name = self._open.pop()
            self._counts[name] -= 1
            self._formatting -= name in FORMATTING
            self._out.append(f"</{name}>")


def bound_nesting(source: str) -> str:
    """`source` with the same content, well nested.

    Elements that are not shown go, some of them with their content; so do comments. Nesting is at most 200
    deep, formatting elements in one another at most 12; what is deeper loses its tags, as does everything
    behind the 60 000th tag.
    """
    return _Outline(source).write()
