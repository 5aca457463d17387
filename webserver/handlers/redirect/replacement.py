"""The replacement of a path: a template in which $1, ${1} and ${name} stand for groups, and $$ for a dollar.

Text of the template is kept as written, so that it may be encoded and contain a query; groups are encoded.
"""

import re
from functools import lru_cache
from typing import Final, TypeAlias

from webserver.routing.paths import encode

_REFERENCE: Final = re.compile(r"\$(?:(\$)|([0-9]+)|\{([0-9]+|[A-Za-z_][A-Za-z0-9_]*)\})")
_LITERAL: Final = "/:@!$&'()*+,;=-._~?%#"
_IN_QUERY: Final = "/:@!$'()*,;-._~"

Part: TypeAlias = str | tuple[int | str, bool]
"""Text, or a group with whether it stands in the query."""


def replacement_problem(template: str, pattern: re.Pattern[str]) -> str:
    """What is wrong with the template for groups of this pattern; "" when nothing is."""
    if "$" in _REFERENCE.sub("", template):
        return "has a $ that is neither $1, ${1}, ${name} nor $$"
    for _, number, name in _REFERENCE.findall(template):
        group = number or name
        if group.isdigit() and int(group) > pattern.groups:
            return f"names group {group}, but the path regexp has {pattern.groups}"
        if group and not group.isdigit() and group not in pattern.groupindex:
            return f"names a group {group} that the path regexp does not have"
    return ""


def replace(pattern: re.Pattern[str], template: str, path: str) -> str | None:
    """The decoded path with all matches replaced, percent-encoded; None when there is no match."""
    parts, found, end = [], False, 0
    for match in pattern.finditer(path):
        found = True
        parts += [encode(path[end : match.start()]), _expand(template, match)]
        end = match.end()
    return "".join(parts) + encode(path[end:]) if found else None


def _expand(template: str, match: re.Match[str]) -> str:
    return "".join(
        part if isinstance(part, str) else _encoded(match[part[0]] or "", in_query=part[1])
        for part in _parts(template)
    )


def _encoded(text: str, *, in_query: bool) -> str:
    return encode(text, _IN_QUERY) if in_query else encode(text)


@lru_cache(maxsize=1024)
def _parts(template: str) -> tuple[Part, ...]:
    parts: list[Part] = []
    end = 0
    for match in _REFERENCE.finditer(template):
        parts.append(encode(template[end : match.start()], _LITERAL))
        in_query = "?" in template[: match.start()]
        group = match[2] or match[3]
        parts.append("$" if match[1] else (int(group) if group.isdigit() else group, in_query))
        end = match.end()
    return (*parts, encode(template[end:], _LITERAL))
