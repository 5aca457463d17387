"""manage.py export"""

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mail.directory.accounts import find_account
from mail.exporting.archive import ARCHIVES, FORMATS, Chosen, export_archive
from mail.exporting.maildir import export_maildir
from mail.exporting.mbox import export_mbox, mbox_of
from mail.exporting.reading import mailboxes_of
from mail.models import Account, Mailbox

_SUFFIXES = {".zip": "zip", ".tgz": "tgz", ".tar.gz": "tgz"}


class Command(BaseCommand):
    help = "Writes mail of an account into files, or into one archive."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("account", metavar="ACCOUNT", help="name of the account, or one of its addresses")
        parser.add_argument("--format", choices=FORMATS, default="mbox")
        parser.add_argument("--mailbox", action="append", help="only this one; may be given several times")
        parser.add_argument(
            "--archive", choices=ARCHIVES, help="the kind, where DEST does not end in .zip, .tgz or .tar.gz"
        )
        parser.add_argument(
            "destination",
            metavar="DEST",
            help="a new folder, or the file of an archive; - is standard output, for an archive or mbox",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        account = find_account(options["account"])
        if account is None:
            raise CommandError(f"There is no account or address {options['account']}.")
        mailboxes = _mailboxes(account, options["mailbox"])
        destination, format_ = options["destination"], options["format"]
        kind = options["archive"] or _kind_of(destination)
        if kind:
            pieces = export_archive([Chosen(mailbox) for mailbox in mailboxes], format_, ARCHIVES[kind]())
        elif destination == "-":
            if format_ != "mbox":
                raise CommandError("A Maildir goes to standard output as an archive: add --archive tgz.")
            pieces = (piece for mailbox in mailboxes for piece in mbox_of(mailbox))
        else:
            self._write_folder(mailboxes, format_, Path(destination))
            return
        if destination == "-":
            _write_to_standard_output(pieces)
        else:
            _write_file(pieces, Path(destination))

    def _write_folder(self, mailboxes: Sequence[Mailbox], format_: str, destination: Path) -> None:
        if destination.exists() and (not destination.is_dir() or any(destination.iterdir())):
            raise CommandError(f"{destination} exists already. Name a new or an empty folder.")
        write = export_mbox if format_ == "mbox" else export_maildir

        def fill(partial: Path) -> None:
            partial.mkdir(parents=True)
            for mailbox in write(mailboxes, partial):
                self.stderr.write(f"{mailbox.name}: {mailbox.messages} messages")

        _complete_or_nothing(destination, fill)


def _mailboxes(account: Account, names: Sequence[str] | None) -> list[Mailbox]:
    mailboxes = mailboxes_of(account)
    if not names:
        return mailboxes
    known = {mailbox.name for mailbox in mailboxes}
    for name in names:
        if name not in known:
            raise CommandError(
                f"{account.name} has no mailbox {name}. There are: {', '.join(sorted(known)) or 'none'}."
            )
    return [mailbox for mailbox in mailboxes if mailbox.name in names]


def _kind_of(destination: str) -> str:
    return next((kind for suffix, kind in _SUFFIXES.items() if destination.lower().endswith(suffix)), "")


def _write_file(pieces: Iterable[bytes], destination: Path) -> None:
    if destination.exists():
        raise CommandError(f"{destination} exists already. Name a new file.")

    def fill(partial: Path) -> None:
        partial.parent.mkdir(parents=True, exist_ok=True)
        with open(partial, "xb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())

    _complete_or_nothing(destination, fill)


def _complete_or_nothing(destination: Path, fill: Callable[[Path], None]) -> None:
    """Under another name until it is complete, so that half an export never looks like one."""
    partial = destination.with_name(f"{destination.name}.partial")
    if partial.exists():
        raise CommandError(f"{partial} is left from an export that broke off. Remove it first.")
    try:
        fill(partial)
        partial.rename(destination)
    except OSError as error:
        _remove(partial)
        raise CommandError(f"{destination} can't be written: {error}") from error
    except BaseException:
        _remove(partial)
        raise


def _remove(partial: Path) -> None:
    if partial.is_dir():
        shutil.rmtree(partial, ignore_errors=True)
    else:
        partial.unlink(missing_ok=True)


def _write_to_standard_output(pieces: Iterator[bytes]) -> None:
    for piece in pieces:
        sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()
