"""Opening what holds mail."""

from pathlib import Path

from importer.archive.budgets import Budgets
from importer.archive.input import Checkpoint, no_checkpoint
from importer.archive.opening import open_container
from importer.formats.reading import MailSource

_DEFAULT = Budgets()


def open_source(
    path: Path, budgets: Budgets = _DEFAULT, *, name: str = "", checkpoint: Checkpoint = no_checkpoint
) -> MailSource:
    """Open a file or directory that holds mail. `name` is what its owner calls an uploaded file.

    Raises SourceError when it is known at once that it can't be read, and OSError.
    """
    return MailSource(open_container(path, budgets, name=name, checkpoint=checkpoint), budgets)
