"""The program's version: the newest heading of CHANGELOG.md, and nowhere else."""

import re
from pathlib import Path

CHANGELOG = Path(__file__).resolve().parent.parent / "CHANGELOG.md"


def read_version(changelog: Path = CHANGELOG) -> str:
    """The number in the first second-level heading.

    Raises ValueError when there is no such heading.
    """
    match = re.search(r"^## (\d+\.\d+\.\d+)", changelog.read_text(encoding="utf-8"), re.MULTILINE)
    if match is None:
        raise ValueError(f"{changelog}: no heading of the form '## 1.2.3'")
    return match.group(1)


VERSION = read_version()
