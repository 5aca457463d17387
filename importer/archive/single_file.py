"""A file that is no archive, as a container of one member."""

from collections.abc import Iterator

from importer.archive.member import Member
from mail import clock


class SingleFile:
    """One file, which may have been compressed."""

    def __init__(self, pieces: Iterator[bytes], path: str, modified: clock.Moment) -> None:
        self._pieces = pieces
        self._path = path
        self._modified = modified

    def members(self) -> Iterator[Member]:
        """The file."""
        yield Member(self._path, "file", self._modified, self._pieces)
