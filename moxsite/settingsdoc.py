"""docs/settings.md, made from what the settings say of themselves."""

from collections.abc import Iterable
from pathlib import Path

from moxsite.env import Definition

PAGE = Path(__file__).resolve().parent.parent / "docs" / "settings.md"

_HEAD = """# Settings

All settings are environment variables. A value that can't be used stops the program with the name and what
was expected. A secret may also stand in a file: `NAME_FILE` then holds its path.

This page is made from the code: `make docs`.
"""


def settings_page(definitions: Iterable[Definition]) -> str:
    """The page as Markdown, in alphabetical order."""
    return "\n".join([_HEAD, *(_section(each) for each in sorted(definitions, key=lambda each: each.name))])


def _section(definition: Definition) -> str:
    value = f"Value: {definition.expected}"
    if definition.is_secret:
        value += f", or the path of a file with it in `{definition.name}_FILE`"
    default = f"`{definition.default}`" if definition.default else "unset"
    return f"## {definition.name}\n\n{definition.meaning}\n\n{value}.  \nDefault: {default}.\n"
