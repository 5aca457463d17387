"""What a static handler finds for a path: a file in the best form for the client, a folder, or nothing.

Touches the disk: for threads.
"""

import contextlib
import os
from dataclasses import dataclass
from typing import Final

from webserver.edge.compressing import compress
from webserver.edge.media_types import is_compressible, type_by_content, type_by_name
from webserver.handlers.static.serving.listing import Entry, read_entries
from webserver.handlers.static.serving.opening import Denied, Missing, Opened, TooLong, open_below
from webserver.handlers.static.serving.preconditions import Version
from webserver.routing.values import StaticSettings

INDEX: Final = "/index.html"
HTML: Final = "text/html; charset=utf-8"

MOST_IN_MEMORY: Final = 512 * 1024
"""Bytes of a file that is read whole, and may be kept."""

LEAST_COMPRESSED: Final = 1024
MOST_COMPRESSED: Final = 10 * 1024 * 1024
"""Sizes of files between which compressing pays."""

SIBLINGS: Final = {"br": ".br", "zstd": ".zst", "gzip": ".gz"}
"""Files beside a file that hold it compressed, if they are not older."""


@dataclass(frozen=True, slots=True)
class File:
    """A file to be sent: its `content`, or the descriptor to read it from, which the receiver closes."""

    version: Version
    size: int
    content_type: str
    encoding: str
    varies: bool
    """Whether other clients get it in another form."""
    content: bytes | None
    descriptor: int = -1


@dataclass(frozen=True, slots=True)
class Listing:
    """A folder whose entries may be shown."""

    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class NotServed:
    """Why nothing is served: the status, and whether another handler may be asked instead."""

    status: int
    may_continue: bool


ADD_SLASH: Final = NotServed(307, False)
"""The path of a folder lacks the slash at its end."""

Found = File | Listing | NotServed

_MISSING: Final = NotServed(404, True)


def find(settings: StaticSettings, below: str, encodings: tuple[str, ...], *, may_compress: bool) -> Found:
    """What to answer for a path. `encodings` are what the client accepts, best first. Raises OSError."""
    wants_folder = below.endswith("/")
    try:
        opened = _open(settings, below.rstrip("/"))
    except Missing:
        return _MISSING
    except TooLong:
        return NotServed(404, False)
    except Denied:
        try:
            index = _open(settings, below.rstrip("/") + INDEX)
        except (Missing, TooLong, Denied):
            return NotServed(403, False)
        return _file(settings, below.rstrip("/") + INDEX, index, HTML, encodings, may_compress)
    if not opened.is_folder:
        if wants_folder:
            os.close(opened.descriptor)
            return _MISSING
        return _file(settings, below, opened, type_by_name(below), encodings, may_compress)
    if not wants_folder:
        os.close(opened.descriptor)
        return ADD_SLASH
    try:
        return _folder(settings, below.rstrip("/"), opened, encodings, may_compress)
    finally:
        os.close(opened.descriptor)


def _folder(
    settings: StaticSettings, below: str, folder: Opened, encodings: tuple[str, ...], may_compress: bool
) -> Found:
    try:
        index = _open(settings, below + INDEX)
    except Denied:
        return NotServed(403, False)
    except (Missing, TooLong):
        pass
    else:
        if not index.is_folder:
            return _file(settings, below + INDEX, index, HTML, encodings, may_compress)
        os.close(index.descriptor)
    if not settings.list_files:
        return NotServed(403, True)
    return Listing(read_entries(folder.descriptor))


def _file(
    settings: StaticSettings,
    below: str,
    opened: Opened,
    content_type: str,
    encodings: tuple[str, ...],
    may_compress: bool,
) -> File:
    """The file in the form that the client likes best. Closes what is open."""
    with contextlib.ExitStack() as closing:
        closing.callback(os.close, opened.descriptor)
        if opened.is_folder:
            raise IsADirectoryError(below)
        size = opened.status.st_size
        content_type = content_type or type_by_content(os.pread(opened.descriptor, 512, 0))
        siblings = _siblings(settings, below, opened)
        for sibling in siblings.values():
            closing.callback(os.close, sibling.descriptor)
        for encoding in encodings:
            if encoding in siblings:
                return _read(siblings[encoding], content_type, encoding, varies=True)
        compresses = (
            may_compress and LEAST_COMPRESSED <= size <= MOST_COMPRESSED and is_compressible(content_type)
        )
        if compresses and encodings:
            content = compress(encodings[0], _read_whole(opened.descriptor, size))
            version = _version(opened, encodings[0])
            return File(version, len(content), content_type, encodings[0], True, content)
        return _read(opened, content_type, "", varies=bool(siblings) or compresses)


def _siblings(settings: StaticSettings, below: str, opened: Opened) -> dict[str, Opened]:
    """The compressed forms beside the file that are not older than it."""
    found: dict[str, Opened] = {}
    for encoding, ending in SIBLINGS.items():
        try:
            sibling = _open(settings, below + ending)
        except (Missing, TooLong, Denied):
            continue
        if sibling.is_folder or sibling.status.st_mtime_ns < opened.status.st_mtime_ns:
            os.close(sibling.descriptor)
        else:
            found[encoding] = sibling
    return found


def _read(opened: Opened, content_type: str, encoding: str, *, varies: bool) -> File:
    """The file, with its content if it is short."""
    size = opened.status.st_size
    version = _version(opened, encoding)
    if size > MOST_IN_MEMORY:
        return File(version, size, content_type, encoding, varies, None, os.dup(opened.descriptor))
    content = _read_whole(opened.descriptor, size)
    return File(version, len(content), content_type, encoding, varies, content)


def _read_whole(descriptor: int, size: int) -> bytes:
    pieces = []
    position = 0
    while position < size and (piece := os.pread(descriptor, size - position, position)):
        pieces.append(piece)
        position += len(piece)
    return b"".join(pieces)


def _version(opened: Opened, encoding: str) -> Version:
    status = opened.status
    ending = f"-{encoding}" if encoding else ""
    tag = f'"{status.st_mtime_ns:x}-{status.st_size:x}{ending}"'
    return Version(tag.encode("ascii"), int(status.st_mtime))


def _open(settings: StaticSettings, below: str) -> Opened:
    return open_below(settings.root, below, follow_symlinks=settings.follow_symlinks)
