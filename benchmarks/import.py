"""Bringing in 20 000 messages of about 400 MB, from the first look at them to their being shown, beside small
commits of another process; and doveadm with the first of them."""  # noqa: N999 - the name of the part

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.environment import KINDS, fresh_world
from benchmarks.figures import row
from benchmarks.importing import bring_in, doveadm_import, print_head, print_row
from benchmarks.mbox_generator import MESSAGES, write_maildir, write_mbox

_OF_PEER = 4000
_FORMATS: dict[str, Callable[[Path, int], None]] = {"mbox": write_mbox, "Maildir": write_maildir}
_PACKED = ("gztar", "zip")
"""As shutil names them: what people upload."""


def main() -> None:
    """Print a row for each format, database and peer."""
    print_head()
    for name, write in _FORMATS.items():
        with tempfile.TemporaryDirectory(prefix="moxsite-bench-") as folder:
            write(Path(folder) / "mail", MESSAGES)
            for kind in KINDS:
                _ours(name, kind, Path(folder) / "mail")
            write(Path(folder) / "some", _OF_PEER)
            _theirs(name, Path(folder) / "some")
            if name == "Maildir":
                for kind in _PACKED:
                    packed = shutil.make_archive(str(Path(folder) / "packed"), kind, Path(folder) / "mail")
                    _ours(f"{name} as {kind}", "sqlite", Path(packed))


def _ours(name: str, kind: str, source: Path) -> None:
    try:
        with fresh_world(kind) as world:
            done = bring_in(world, world.alice, source)
    except LookupError as error:
        row(f"{name}, {kind}", f"not measured: {error}")
    else:
        print_row(f"{name}, {kind}", done)


def _theirs(name: str, source: Path) -> None:
    try:
        print_row(f"{name}, doveadm", doveadm_import(source, name, _OF_PEER))
    except LookupError as error:
        row(f"{name}, doveadm", f"not measured: {error}")
