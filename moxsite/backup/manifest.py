"""The list of what a backup holds: the file manifest.json, written last."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from mail.secrets import text_key
from moxsite.backup.errors import BackupError
from moxsite.backup.files import HashedFile, sha256

NAME: Final = "manifest.json"
FORMAT: Final = 1
"""Counted up when older programs could not restore a newer backup."""


@dataclass(frozen=True, slots=True)
class ListedFile:
    """Size in bytes and SHA-256 of a file."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class CopiedTable:
    """A table of PostgreSQL: its columns as they are in the file, and how many rows there are."""

    columns: list[str]
    rows: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in a backup. `files` are named by their path within it."""

    version: str
    """Of the program that made it."""
    made: str
    database: str
    """sqlite or postgresql."""
    migrations: dict[str, list[str]]
    generation: int
    messages: int
    key_fingerprint: str
    key_included: bool
    files: dict[str, ListedFile] = field(default_factory=dict)
    tables: dict[str, CopiedTable] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write it as a new file."""
        content = {"program": "moxsite", "format": FORMAT, **asdict(self)}
        with HashedFile(folder / NAME) as file:
            file.write(json.dumps(content, indent=1, sort_keys=True).encode() + b"\n")

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Raises BackupError for what is no backup, and for one that this program is too old for."""
        try:
            content = json.loads((folder / NAME).read_text(encoding="utf-8"))
            if content.pop("program") != "moxsite":
                raise ValueError
            if content.pop("format") != FORMAT:
                raise BackupError(f"{folder} was made by a newer moxsite. Restore it with that one.")
            return _manifest(content)
        except FileNotFoundError:
            raise BackupError(f"{folder} is no backup, or one that was cut off: it has no {NAME}.") from None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise BackupError(f"{folder / NAME} can't be read: {error}") from error

    def check_files(self, folder: Path) -> None:
        """Read every file and compare it with its hash. Raises BackupError, naming the first that differs."""
        for name, listed in self.files.items():
            path = folder / name
            if not path.is_file():
                raise BackupError(f"{path} is missing. This backup can't be used.")
            if path.stat().st_size != listed.size or sha256(path) != listed.sha256:
                raise BackupError(f"{path} is not as it was written. This backup can't be used.")


def fingerprint(secret_key: bytes) -> str:
    """Tells secret keys apart and tells nothing about them."""
    return text_key(secret_key, "backup fingerprint")[:16]


def _manifest(content: dict[str, Any]) -> Manifest:
    files = {name: ListedFile(**listed) for name, listed in content.pop("files").items()}
    for name in files:
        if name.startswith("/") or ".." in name.split("/"):
            raise ValueError(f"{name} is outside of the backup")
    tables = {name: CopiedTable(**table) for name, table in content.pop("tables").items()}
    return Manifest(**content, files=files, tables=tables)
