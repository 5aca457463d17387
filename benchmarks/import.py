"""Bringing in 20 000 messages of about 400 MB, from the first look at them to their being shown, beside small
commits of another process; and doveadm with the first of them."""  # noqa: N999 - the name of the part

import tempfile
from pathlib import Path

from benchmarks.environment import KINDS, fresh_world
from benchmarks.figures import row
from benchmarks.importing import Imported, bring_in, doveadm_import, print_head, print_row
from benchmarks.mbox_generator import write_maildir, write_mbox

_FORMATS = {"mbox": write_mbox, "Maildir": write_maildir}


def main() -> None:
    """Print a row for each format, database and peer."""
    print_head()
    for name, write in _FORMATS.items():
        with tempfile.TemporaryDirectory(prefix="moxsite-bench-") as folder:
            source = Path(folder) / "mail"
            write(source)
            done = None
            for kind in KINDS:
                done = _ours(name, kind, source) or done
            if done is not None:
                _theirs(name, source, done)


def _ours(name: str, kind: str, source: Path) -> Imported | None:
    try:
        with fresh_world(kind) as world:
            done = bring_in(world, world.alice, source)
    except LookupError as error:
        row(f"{name}, {kind}", f"not measured: {error}")
        return None
    print_row(f"{name}, {kind}", done)
    return done


def _theirs(name: str, source: Path, done: Imported) -> None:
    try:
        print_row(f"{name}, doveadm", doveadm_import(source, name, done.messages, done.bytes))
    except LookupError as error:
        row(f"{name}, doveadm", f"not measured: {error}")
