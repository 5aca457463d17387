"""Removing what imports leave: staged mail of aborted ones, files, and rows of long ago."""

import shutil
from pathlib import Path

from django.conf import settings

from importer.files import holder_died, remove_folder
from importer.jobs import NO_LONGER_THERE
from importer.models import Import, State
from importer.staging.control import AbortImport
from importer.staging.discard import discard
from importer.staging.undo import UNDO
from mail import clock
from mail.periodic.registry import every
from mail.store.writer import writer

UNWORKED = clock.DAY
"""A file that no worker has seen for so long is lost."""

WAITING = 7 * clock.DAY
"""An upload that nobody goes on with, and a preview that nobody decides on, end after this long."""


@every(minutes=1, name="imports")
def clean_up() -> None:
    """All that may go by now."""
    _end_what_nobody_waits_for()
    discard(writer())
    _remove_files()
    Import.objects.filter(
        state__in=[State.DONE, State.ABORTED, State.UNDONE], finished__lt=clock.now() - UNDO
    ).delete()


def _end_what_nobody_waits_for() -> None:
    for row in Import.objects.filter(
        state__in=[State.UPLOADING, State.READY], touched__lt=clock.now() - WAITING
    ):
        writer().submit(AbortImport(row.pk, "Nobody went on with it for a week.")).result()
    for row in Import.objects.filter(
        by_command=False,
        state__in=[State.SCANNING, State.RUNNING],
        started__lt=clock.now() - UNWORKED,
    ):
        writer().submit(AbortImport(row.pk, NO_LONGER_THERE, unleased_for=UNWORKED)).result()
    for row in Import.objects.filter(by_command=True, state=State.RUNNING):
        if holder_died(row.token):
            reason = "The command was broken off. Start it again."
            writer().submit(AbortImport(row.pk, reason, unleased_for=0)).result()


def _remove_files() -> None:
    folder = Path(settings.DATA) / "imports"
    if not folder.is_dir():
        return
    there = {path.name for path in folder.iterdir()}
    rows = dict(Import.objects.filter(token__in=there).values_list("token", "state"))
    for token in there:
        if token not in rows:
            shutil.rmtree(folder / token, ignore_errors=True)
        elif rows[token] in (State.DONE, State.ABORTED, State.UNDONE):
            remove_folder(token)
