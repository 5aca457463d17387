"""Keyword tables of Maildir folders, and the messages that wait for one."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from sys import intern

from importer.formats.source import FlagsLearned
from importer.maildir import names
from mail.mailformats.flags import MessageFlags


@dataclass(slots=True)
class _Folder:
    table: dict[str, str] | None = None
    waiting: list[tuple[int, str]] = field(default_factory=list)


class KeywordTables:
    """A table may come before the messages of its folder or after them.

    Keeps for each message with small letters, whose table has not come yet, its ordinal and letters.
    """

    def __init__(self) -> None:
        self._folders: dict[str, _Folder] = {}

    def flags(self, folder: str, ordinal: int, letters: str) -> MessageFlags:
        """The flags of a message, as far as they are known now."""
        if letters == "" or letters.isupper():
            return names.system_flags(letters)
        known = self._folders.setdefault(folder, _Folder())
        if known.table is None:
            known.waiting.append((ordinal, intern(letters)))
        return names.flags_of(letters, known.table or {})

    def learn(self, folder: str, table: dict[str, str]) -> Iterator[FlagsLearned]:
        """Take in a table; gives the messages whose flags are complete now."""
        known = self._folders.setdefault(folder, _Folder())
        known.table = table
        waiting, known.waiting = known.waiting, []
        for ordinal, letters in waiting:
            yield FlagsLearned(ordinal, names.flags_of(letters, table))

    def without_table(self) -> Iterator[tuple[str, int]]:
        """Folders where letters stayed without meaning, and how many messages are affected."""
        for folder, known in self._folders.items():
            if known.waiting:
                yield folder, len(known.waiting)
