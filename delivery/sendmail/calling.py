"""Whether a command line is meant for sendmail. Imports next to nothing: sendmail has to start quickly."""

import os
from collections.abc import Sequence

COMMAND = "sendmail"

NAMES = frozenset({COMMAND, "mailq", "newaliases"})
"""Names under which mail programs and scripts know it."""


def sendmail_arguments(argv: Sequence[str]) -> list[str] | None:
    """The words for sendmail, or None when another command is called.

    Either the program itself has one of the `NAMES`, or the first word is "sendmail"; --loglevel may stand
    before that and is kept.
    """
    name = os.path.basename(argv[0]) if argv else ""
    words = list(argv[1:])
    if name in NAMES:
        return [*_mode_of(name), *words]
    before: list[str] = []
    while words and words[0].startswith("--loglevel"):
        before += words[: 1 if "=" in words[0] else 2]
        del words[: 1 if "=" in words[0] else 2]
    return [*before, *words[1:]] if words[:1] == [COMMAND] else None


def _mode_of(name: str) -> list[str]:
    """What sendmail does under its other names."""
    return {"mailq": ["-bp"], "newaliases": ["-bi"]}.get(name, [])
