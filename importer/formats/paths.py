"""What the path of a file in a source says: what kind of file it is, and which folder its mail is in."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from importer.maildir import keyword_table
from mail.mailformats.modified_utf7 import decode_modified_utf7

FileKind = Literal["noise", "maildir", "tmp", "keywords", "mbox", "message", "apple", "unknown"]

_APPLE_DOUBLE = "._"
_MAILDIR = frozenset(("cur", "new", "tmp"))
_NO_LEVELS = frozenset(("", "."))
_DOTS = _NO_LEVELS | {".."}
_NOISE_FOLDERS = frozenset(("__MACOSX", ".git", ".svn"))
_NOISE = re.compile(
    r"\.DS_Store|Thumbs\.db|desktop\.ini|dovecot.*|subscriptions|maildirfolder|maildirsize|courier.*"
    r"|\.mh_sequences|\.subscriptions|\.nsmail.*|.*\.(msf|dat|sqlite|sqlite-wal|sqlite-shm|json|js|lock|cache)"
    r"|msgFilterRules.*|filterlog\.html|table_of_contents|mbox_flags|Info\.plist",
    re.IGNORECASE | re.DOTALL,
)
_MBOX = re.compile(r"(.+)\.(mbox|mbx)", re.IGNORECASE | re.DOTALL)
_CONTROLS = frozenset(("Cc", "Cs", "Zl", "Zp"))
_SHIFTED = re.compile(r"&[A-Za-z0-9+,]{2,}-")


@dataclass(slots=True)  # not frozen: made for each message
class FilePath:
    """A path without "." levels. `folder` is the path of the mail folder, "" at the top."""

    levels: tuple[str, ...]
    kind: FileKind
    folder: str


def levels_of(path: str) -> tuple[str, ...]:
    """The levels of a path, without empty ones and ".". Raises ValueError for a path with ".." in it."""
    levels = tuple(path.split("/"))
    if _DOTS.isdisjoint(levels):
        return levels
    if ".." in levels:
        raise ValueError
    return tuple(level for level in levels if level not in _NO_LEVELS)


def file_path(levels: tuple[str, ...]) -> FilePath:
    """What a file is, by its path alone. "unknown" files are mbox files if they begin like one."""
    name = levels[-1]
    parent = levels[-2] if len(levels) > 1 else ""
    if is_of_maildir(parent, name):
        return FilePath(levels, "tmp" if parent == "tmp" else "maildir", maildir_folder(levels[:-2]))
    if name == keyword_table.FILE_NAME:
        return FilePath(levels, "keywords", maildir_folder(levels[:-1]))
    if not _NOISE_FOLDERS.isdisjoint(levels[:-1]) or name.startswith(_APPLE_DOUBLE):
        return FilePath(levels, "noise", "")
    is_mbox = _MBOX.fullmatch(name) is not None
    if _NOISE.fullmatch(name) and not is_mbox:
        return FilePath(levels, "noise", "")
    if name.lower().endswith(".eml"):
        return FilePath(levels, "message", folder_of(levels[:-1]))
    if name.lower().endswith(".emlx"):
        return FilePath(levels, "apple", _apple_folder(levels[:-1]))
    if name == "mbox" and _MBOX.fullmatch(parent):
        return FilePath(levels, "mbox", folder_of(levels[:-1]))
    return FilePath(levels, "mbox" if is_mbox else "unknown", folder_of(levels))


def is_of_maildir(folder: str, name: str) -> bool:
    """Whether a file is one of a Maildir, by its name and that of the folder it lies in."""
    return folder in _MAILDIR and not name.startswith(".") and _MBOX.fullmatch(name) is None


@lru_cache(maxsize=64)  # asked for each message, and those of a folder follow each other
def maildir_folder(levels: tuple[str, ...]) -> str:
    """The folder of a directory that has cur, new and tmp; ".A.B" below another one is its folder A/B."""
    if not levels or not levels[-1].startswith("."):
        return folder_of(levels)
    inner = tuple(_decoded(level) for level in levels[-1][1:].split(".") if level)
    return "/".join(level for level in (folder_of(levels[:-1]), *inner) if level)


def _apple_folder(levels: tuple[str, ...]) -> str:
    """Apple Mail keeps messages some levels below the folder, which ends in “.mbox”."""
    last = next((n for n in range(len(levels), 0, -1) if _MBOX.fullmatch(levels[n - 1])), None)
    if last is not None:
        return folder_of(levels[:last])
    return folder_of(levels[:-1] if levels[-1:] == ("Messages",) else levels)


def folder_of(levels: tuple[str, ...]) -> str:
    """The folder of a file or directory: without the endings that programs give to folders."""
    return "/".join(_plain(level) for level in levels)


def _plain(level: str) -> str:
    found = _MBOX.fullmatch(level)
    if found:
        level = found[1]
    elif len(level) > 4 and level.lower().endswith(".sbd"):
        level = level[:-4]
    return _decoded(level) if _SHIFTED.search(level) else _clean(level)


def _decoded(level: str) -> str:
    """A level in modified UTF-7, if it is; a "/" in it would make two of one."""
    try:
        level = decode_modified_utf7(level)
    except ValueError:
        pass
    return _clean(level).replace("/", "_")


def has_controls(name: str) -> bool:
    """Whether a name has characters that no mailbox name may have."""
    return not name.isprintable() and any(unicodedata.category(letter) in _CONTROLS for letter in name)


def _clean(level: str) -> str:
    if has_controls(level):
        level = "".join("_" if unicodedata.category(letter) in _CONTROLS else letter for letter in level)
    return unicodedata.normalize("NFC", level)
