"""The configuration in the database as the text of a file."""

from typing import Any

import tomlkit

from mail.configuration.generation import read_generation
from moxsite.configfile.plan import ConfigurationChanged
from moxsite.configfile.sections import ORDER, SECTIONS

_TRIES = 10


def export_text() -> str:
    """A file that `config apply` would find nothing to change in. Contains no secrets.

    Raises ConfigurationChanged when the configuration changes faster than it can be read.
    """
    before = read_generation()
    for _ in range(_TRIES):
        document: dict[str, Any] = {}
        for section in SECTIONS:
            section.write(section.stored(), document)
        after = read_generation()
        if before == after:
            return tomlkit.dumps(dict(sorted(document.items(), key=_place)))
        before = after
    raise ConfigurationChanged


def _place(entry: tuple[str, Any]) -> tuple[int, str]:
    key, _ = entry
    return (ORDER.index(key) if key in ORDER else len(ORDER), key)
