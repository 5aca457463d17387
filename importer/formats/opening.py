"""Opening what holds mail."""

from pathlib import Path

from importer.archive.budgets import Budgets
from importer.archive.input import Checkpoint, no_checkpoint
from importer.archive.opening import open_container
from importer.formats.paths import is_of_maildir
from importer.formats.reading import MailSource

_DEFAULT = Budgets()


def open_source(
    path: Path,
    budgets: Budgets = _DEFAULT,
    *,
    name: str = "",
    checkpoint: Checkpoint = no_checkpoint,
    for_folders: bool = False,
) -> MailSource:
    """Open a file or directory that holds mail. `name` is what its owner calls an uploaded file.

    `for_folders` when it is opened only to see which folders it has: the messages of a Maildir on disk are
    left out then, however many there are. Raises SourceError when it is known at once that it can't be read,
    and OSError.
    """
    leaves_out = is_of_maildir if for_folders else None
    opened = open_container(path, budgets, name=name, checkpoint=checkpoint, leaves_out=leaves_out)
    return MailSource(opened, budgets)
