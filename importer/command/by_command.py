"""An import whose source is a path on this machine, and whose worker is the command itself."""

import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from django.core.management.base import CommandError

from importer.engine.mapping import EVERY_FOLDER, own_mailboxes
from importer.formats.opening import open_source
from importer.formats.preview import preview_source
from importer.formats.source import SourceError
from importer.models import Duplicates, Import, State
from importer.staging.events import WAITING
from importer.staging.lease import LeaseImport
from mail import clock
from mail.models import Account
from mail.store.writer import writer

_LOOK_AGAIN_SECONDS: Final = 1.0


def begin(
    account: Account,
    source: Path,
    duplicates: Duplicates,
    prefix: str,
    mapping: Mapping[str, str],
    waiting: Callable[[str], object] = str,
) -> tuple[Import, int]:
    """The import and the token of its lease, as soon as no other import into the account runs.

    `waiting` is told once when that takes a while.
    """
    begun = _begin(account, source, duplicates, prefix, mapping)
    if begun is None:
        waiting(f"{WAITING} …")
    while begun is None:
        threading.Event().wait(_LOOK_AGAIN_SECONDS)
        begun = _begin(account, source, duplicates, prefix, mapping)
    return begun


def _begin(
    account: Account, source: Path, duplicates: Duplicates, prefix: str, mapping: Mapping[str, str]
) -> tuple[Import, int] | None:
    moment = clock.now()
    row = Import.objects.create(
        token=secrets.token_hex(16),
        account=account,
        state=State.RUNNING,
        by_command=True,
        name=source.name,
        path=str(source),
        size=source.stat().st_size if source.is_file() else 0,
        created=moment,
        touched=moment,
        started=moment,
        duplicates=duplicates,
        prefix=prefix.strip("/"),
        mapping=dict(mapping),
    )
    token: int = writer().submit(LeaseImport(row.pk, account.pk)).result()
    if not token:
        row.delete()
        return None
    return row, token


def dry_run(account: Account, path: Path, prefix: str, mapping: Mapping[str, str]) -> Iterator[str]:
    """What an import would bring and where to, line by line. Raises CommandError."""
    try:
        source = open_source(path, name=path.name)
        try:
            preview = preview_source(
                source, prefix=prefix.strip("/") or None, mailboxes=own_mailboxes(account)
            )
        finally:
            source.close()
    except (SourceError, OSError) as error:
        raise CommandError(str(error)) from error
    yield f"formats: {', '.join(preview.formats)}"
    if preview.oldest is not None and preview.newest is not None:
        oldest, newest = (clock.as_datetime(moment).date() for moment in (preview.oldest, preview.newest))
        yield f"dates: {oldest} to {newest}"
    for folder in preview.folders:
        mailbox = mapping.get(EVERY_FOLDER) or folder.mailbox
        yield f"{folder.path or '(top)'} -> {mailbox or '(left out)'}: {folder.messages} messages"
    for problem in preview.problems:
        yield f"problem: {problem}"
    yield f"{preview.messages} messages of {preview.bytes} bytes, {preview.problem_count} problems"
