"""Limits on what a source may unfold to, against archives made to fill memory and disk."""

from dataclasses import dataclass

from importer.archive.input import Input
from importer.archive.place import Place, SourceError

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB


@dataclass(frozen=True, slots=True)
class Budgets:
    """Limits on what a source may unfold to. All sizes in bytes.

    Over `message_bytes` is a problem of that message; over any other fails the source as a whole. `ratio` is
    unfolded bytes for each byte of the file, looked at from `ratio_from` unfolded bytes on.
    """

    total_bytes: int = 100 * GIB
    entries: int = 2_000_000
    ratio: int = 200
    ratio_from: int = 64 * MIB
    message_bytes: int = 100 * MIB


class Meter:
    """Counts what has been unfolded of one source. Its methods raise SourceError when a budget is used up."""

    def __init__(self, budgets: Budgets, source: Input) -> None:
        self.budgets = budgets
        self._source = source
        self._bytes = 0
        self._entries = 0

    def count_entry(self) -> None:
        """One more member or file."""
        self._entries += 1
        if self._entries > self.budgets.entries:
            raise SourceError(f"It holds more than {self.budgets.entries} files.", self._place())

    def count_bytes(self, count: int) -> None:
        """More bytes of content."""
        self._bytes += count
        budgets = self.budgets
        if self._bytes > budgets.total_bytes:
            limit = budgets.total_bytes // MIB
            raise SourceError(
                f"It unpacks to more than {limit} MiB, the most that is accepted.", self._place()
            )
        if self._bytes > budgets.ratio_from and self._bytes > budgets.ratio * max(self._source.position, 1):
            raise SourceError(
                f"It unpacks to more than {budgets.ratio} times its size. No mail does; it looks like an "
                "archive made to do harm.",
                self._place(),
            )

    def _place(self) -> Place:
        return Place(self._source.name, self._source.position)
