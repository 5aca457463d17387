"""The page that lists the files of a folder."""

import os
import stat
from dataclasses import dataclass
from html import escape
from typing import Final
from urllib.parse import quote_from_bytes

from mail import clock

_PAGE: Final = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>{title}</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; margin: 1rem auto; max-width: 60rem; padding: 0 1rem }}
table {{ border-collapse: collapse; width: 100% }}
th, td {{ padding: .2rem .5rem; text-align: left; overflow-wrap: anywhere }}
td:nth-child(2), th:nth-child(2) {{ text-align: right; white-space: nowrap }}
td:nth-child(3) {{ white-space: nowrap; font-variant-numeric: tabular-nums }}
</style>
<h1>{title}</h1>
<table><thead><tr><th>Name<th>Size<th>Changed (UTC)</thead><tbody>
{rows}
</tbody></table>
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or folder in a folder; `modified` in seconds since the epoch."""

    name: str
    is_folder: bool
    size: int
    modified: int


def read_entries(descriptor: int) -> tuple[Entry, ...]:
    """What is in an open folder, by name. What vanishes meanwhile is left out. Touches the disk."""
    found = []
    with os.scandir(descriptor) as entries:
        for entry in entries:
            try:
                status = os.stat(entry.name, dir_fd=descriptor)
            except OSError:
                continue
            folder = stat.S_ISDIR(status.st_mode)
            found.append(Entry(entry.name, folder, status.st_size, int(status.st_mtime)))
    return tuple(sorted(found, key=lambda entry: entry.name))


def listing_page(path: str, entries: tuple[Entry, ...]) -> bytes:
    """The page for a folder at this decoded path, which ends in a slash."""
    rows = ["<tr><td><a href='../'>..</a><td><td>"] if path != "/" else []
    rows += [_row(entry) for entry in entries]
    page = _PAGE.format(title=escape(path), rows="\n".join(rows))
    return page.encode("utf-8", "replace")


def _row(entry: Entry) -> str:
    shown = entry.name + ("/" if entry.is_folder else "")
    # The dot keeps a name with a colon from being read as a scheme.
    link = "./" + quote_from_bytes(os.fsencode(entry.name), "") + ("/" if entry.is_folder else "")
    changed = f"{clock.as_datetime(entry.modified * clock.SECOND):%Y-%m-%d %H:%M}"
    size = "" if entry.is_folder else f"<span title='{entry.size} bytes'>{_megabytes(entry.size)}</span>"
    return f"<tr><td><a href='{escape(link)}'>{escape(shown)}</a><td>{size}<td>{changed}"


def _megabytes(size: int) -> str:
    """Two decimals below 10 MB, whole ones above."""
    number = size / 1_000_000
    return f"{number:.2f} MB" if number < 10 else f"{number:.0f} MB"
