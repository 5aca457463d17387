"""The file with the settings of an installation: MOXSITE_…=… lines that all commands read. Pure.

systemd reads the same file (EnvironmentFile=).
"""

import os
import re
import stat
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Final

NAME: Final = "moxsite.env"
VARIABLE: Final = "MOXSITE_ENV_FILE"

_LINE: Final = re.compile(r"([A-Z][A-Z0-9_]*)=(.*)")


class UnusableFile(Exception):
    """The file can't be used. The text names it, and says what to do."""


def settings_file(environment: Mapping[str, str]) -> Path:
    """Where the settings are: as MOXSITE_ENV_FILE says, else in the folder that the command runs in."""
    return Path(environment.get(VARIABLE) or NAME).absolute()


def load_settings(environment: MutableMapping[str, str]) -> None:
    """Add what the file says, where the environment says nothing. Without a file nothing happens.

    A file that others may write to is refused: it decides which files are read as root. Raises UnusableFile.
    """
    path = settings_file(environment)
    try:
        status = path.stat()
    except OSError:
        return
    if status.st_uid not in (0, os.geteuid()) or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise UnusableFile(
            f"{path} is not used, because others can write to it. Let it belong to you or root: "
            f"chown root {path}; chmod go-w {path}"
        )
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableFile(f"{path} can't be read: {error}") from None
    for name, value in parse(text, path).items():
        environment.setdefault(name, value)


def parse(text: str, path: Path) -> dict[str, str]:
    """The variables. Raises UnusableFile, naming the line."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith(("#", ";")):
            continue
        match = _LINE.fullmatch(stripped)
        if match is None:
            raise UnusableFile(f"{path}, line {number}: expected NAME=VALUE")
        found[match[1]] = _unquoted(match[2])
    return found


def lines(variables: Mapping[str, str], proposed: Mapping[str, str] | None = None) -> str:
    """The content of the file. What is only proposed stands at its end as comments."""
    head = "# Settings of moxsite, read by its commands and by systemd. docs/settings.md lists all.\n"
    written = [f"{name}={_quoted(value)}\n" for name, value in variables.items()]
    comments = [f"# {name}={_quoted(value)}\n" for name, value in (proposed or {}).items()]
    return "".join([head, *written, *comments])


def _quoted(value: str) -> str:
    return f'"{value}"' if re.search(r"[\s#;]", value) else value


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value
