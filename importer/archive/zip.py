"""Zip archives as streams of members."""

import stat
from array import array
from collections.abc import Iterator

from importer.archive.budgets import Meter
from importer.archive.input import InputFile
from importer.archive.member import Member
from importer.archive.place import Place, SourceError, shown
from importer.archive.zip_content import content, unusable
from importer.archive.zip_directory import ZipDirectory, ZipEntry


class ZipArchive:
    """A zip archive, read in the order of its list of members."""

    def __init__(self, file: InputFile, meter: Meter) -> None:
        self._file = file
        self._meter = meter

    def members(self) -> Iterator[Member]:
        """Its members. Raises SourceError when it is cut off, damaged or made to do harm."""
        directory = ZipDirectory(self._file)
        self._check(directory)
        for entry in directory.entries():
            yield self._member(entry)

    def _member(self, entry: ZipEntry) -> Member:
        if entry.name.endswith("/"):
            return Member(entry.name, "directory", entry.modified, iter(()))
        kind = stat.S_IFMT(entry.mode)
        # What came through a pipe is marked as one by Info-ZIP, and is a file all the same.
        if kind not in (0, stat.S_IFREG) and not (kind == stat.S_IFIFO and entry.size):
            reason = "It is a link." if kind == stat.S_IFLNK else "It is a device or pipe."
            return Member(entry.name, "other", entry.modified, iter(()), reason)
        reason = unusable(entry)
        pieces = iter(()) if reason else self._content(entry)
        return Member(entry.name, "file", entry.modified, pieces, reason)

    def _content(self, entry: ZipEntry) -> Iterator[bytes]:
        for piece in content(self._file, entry):
            self._meter.count_bytes(len(piece))
            yield piece

    def _check(self, directory: ZipDirectory) -> None:
        """Refuse an archive whose members share bytes: only those made to do harm do."""
        starts, ends = array("Q"), array("Q")
        ordered = True
        for entry in directory.entries():
            self._meter.count_entry()
            end = entry.offset + entry.shortest
            if end > directory.start:
                raise SourceError(
                    f"The archive is damaged: “{shown(entry.name)}” should be where there is nothing.",
                    Place(self._file.name, entry.offset),
                )
            ordered = ordered and (not ends or entry.offset >= ends[-1])
            starts.append(entry.offset)
            ends.append(end)
        if ordered:
            return
        for start, end in zip(sorted(starts)[1:], sorted(ends)[:-1], strict=True):
            if start < end:
                raise SourceError(
                    "Its members overlap; it looks like an archive made to do harm.",
                    Place(self._file.name, start),
                )
