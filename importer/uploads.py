"""Taking in a file slice by slice. How much of it is there is the size of what is on the disk: nothing else
has to be right after a crash."""

import fcntl
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from importer.files import free_bytes, import_folder, make_folder
from importer.models import Duplicates, Import, State
from importer.staging.control import BeginWork
from importer.wake_topic import WAKE_TOPIC
from mail import clock
from mail.models import Account, AccountCounters
from mail.store.deliver import MEGABYTE
from mail.store.writer import writer
from mail.wake import poke

SLICE = 4 * 1024 * 1024
"""Bytes of a slice: whoever stands in front keeps one in memory."""

LONGEST = 100 * 1024**3
"""The largest upload, in bytes."""

OPEN_IMPORTS = 5
"""Imports of one account that are not over."""

_OPEN = (State.UPLOADING, State.SCANNING, State.READY, State.RUNNING)


class UploadRefused(Exception):
    """The file is not taken in. The text says to people why, and what to do."""


class WrongOffset(Exception):
    """A slice that does not begin where the file on the server ends."""

    def __init__(self, received: int) -> None:
        super().__init__(f"the file goes on at byte {received}")
        self.received = received


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to bring in, and how."""

    name: str
    size: int
    preview: bool
    duplicates: Duplicates = Duplicates.SKIP
    prefix: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)


def begin_upload(account: Account, wanted: Wanted, *, goes_on: bool = True) -> Import:
    """An import that waits for its file.

    `goes_on`: the same one again if its upload was broken off, or comes from somewhere else at this moment.
    Raises UploadRefused.
    """
    name = os.path.basename(wanted.name.replace("\\", "/").replace("\0", "")).strip()[:200] or "upload"
    if goes_on:
        going_on = Import.objects.filter(
            account=account, state=State.UPLOADING, name=name, size=wanted.size, preview_wanted=wanted.preview
        ).first()
        if going_on is not None:
            return going_on
    _check(account, wanted.size)
    token = secrets.token_hex(16)
    moment = clock.now()
    row = Import.objects.create(
        token=token,
        account=account,
        state=State.UPLOADING,
        name=name,
        path=str(import_folder(token) / "upload"),
        size=wanted.size,
        created=moment,
        touched=moment,
        preview_wanted=wanted.preview,
        duplicates=wanted.duplicates,
        prefix=wanted.prefix,
        mapping=dict(wanted.mapping),
    )
    try:
        (make_folder(token) / "upload").touch(mode=0o600)
    except OSError as error:
        row.delete()
        raise UploadRefused(f"The server can't keep the file: {error.strerror}.") from error
    return row


def received_bytes(row: Import) -> int:
    """How much of the file is there."""
    try:
        return os.stat(row.path).st_size
    except FileNotFoundError:
        return 0


def take_slice(row: Import, offset: int, data: bytes) -> int:
    """Append a slice; gives the new size. The last one lets the work begin.

    Raises WrongOffset or UploadRefused.
    """
    return take_pieces(row, offset, [data])


def take_pieces(row: Import, offset: int, pieces: Iterable[bytes]) -> int:
    """As `take_slice`, from pieces that need not be in memory together."""
    if row.state != State.UPLOADING:
        raise UploadRefused("This upload is over. Start a new one.")
    try:
        file = os.open(row.path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
    except FileNotFoundError:
        raise UploadRefused("This upload is not on the server any more. Start a new one.") from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        size = os.fstat(file).st_size
        if size != offset:
            raise WrongOffset(size)
        for piece in pieces:
            size += _append(file, piece, row.size - size)
        if size == row.size:
            os.fsync(file)
    except OSError as error:
        raise UploadRefused(f"The server can't write the file: {error.strerror}. Try again later.") from error
    finally:
        os.close(file)
    Import.objects.filter(pk=row.pk, state=State.UPLOADING).update(received=size, touched=clock.now())
    if size == row.size:
        writer().submit(BeginWork(row.pk)).result()
        wake_workers()
    return size


def wake_workers() -> None:
    """There is something to read or to run."""
    poke(Path(settings.DATA) / "run", WAKE_TOPIC)


def _append(file: int, data: bytes, room: int) -> int:
    if len(data) > room:
        raise UploadRefused("More came than the file was said to have. Start a new upload.")
    if len(data) > free_bytes():
        raise UploadRefused("The disk of the server is nearly full: the upload has to wait.")
    written = 0
    while written < len(data):
        written += os.write(file, data[written:])
    return written


def _check(account: Account, size: int) -> None:
    if size < 1:
        raise UploadRefused("The file is empty: there is nothing to bring in.")
    if size > LONGEST:
        raise UploadRefused(
            f"The file is larger than {LONGEST // 1024**3} GiB. Cut it, or let the server's owner use "
            "“manage.py import”."
        )
    if size > free_bytes():
        raise UploadRefused("The disk of the server has no room for this file.")
    counters = AccountCounters.objects.filter(account=account).first()
    if account.quota_mb and counters is not None and counters.bytes >= account.quota_mb * MEGABYTE:
        raise UploadRefused(
            f"The account keeps {account.quota_mb} MB already, which is all it may: remove mail first."
        )
    if Import.objects.filter(account=account, state__in=_OPEN, by_command=False).count() >= OPEN_IMPORTS:
        raise UploadRefused(f"{OPEN_IMPORTS} imports are open already: finish or abort one first.")
