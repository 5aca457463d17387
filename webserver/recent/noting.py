"""For edge processes: note what is asked for, and what was refused. Microseconds each, on the loop. Pure."""

import os
from pathlib import Path
from typing import Final

from mail import clock
from webserver.recent.records import Answered, encode_fields
from webserver.recent.ring import Ring

ANSWERED: Final = "answered"
ASKED: Final = "asked"

ANSWERED_SLOTS: Final = 4096
ASKED_SLOTS: Final = 4096
_REMEMBERED: Final = 4096


class RecentRequests:
    """Notes of one process, in files of its own in `folder` (DATA/run/web)."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError. Files of processes long gone are removed."""
        _remove_old(folder)
        self._answered = Ring(folder / f"{ANSWERED}.{os.getpid()}", ANSWERED_SLOTS)
        self._asked = Ring(folder / f"{ASKED}.{os.getpid()}", ASKED_SLOTS)
        self._seen: dict[tuple[str, str, str], None] = {}

    def note_answer(self, answered: Answered) -> None:
        """Keep what was decided about a request whose answer shows its id."""
        self._answered.add(answered.encode())

    def note_asked(self, scheme: str, host: str, path: str) -> None:
        """Remember that this path was asked for, each once until many others were."""
        key = (scheme, host, path)
        if key in self._seen:
            return
        if len(self._seen) >= _REMEMBERED:
            self._seen.clear()
        self._seen[key] = None
        self._asked.add(encode_fields((str(clock.now()), *key)))

    def close(self) -> None:
        """Note no more. The files stay to be read."""
        self._answered.close()
        self._asked.close()


def _remove_old(folder: Path) -> None:
    """What a process noted outlives it by a day: that it died is a reason to look."""
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        is_old = path.stat().st_mtime_ns // 1000 < clock.now() - clock.DAY
        if is_old and not _is_running(path.suffix.removeprefix(".")):
            path.unlink(missing_ok=True)


def _is_running(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
