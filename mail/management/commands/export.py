"""manage.py export"""

import shutil
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mail.directory.accounts import find_account
from mail.exporting.maildir import export_maildir
from mail.exporting.mbox import export_mbox, mbox_of
from mail.exporting.reading import mailboxes_of
from mail.models import Account

_FORMATS = {"mbox": export_mbox, "maildir": export_maildir}


class Command(BaseCommand):
    help = "Writes all mail of an account into files."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("account", metavar="ACCOUNT", help="name of the account, or one of its addresses")
        parser.add_argument("--format", choices=list(_FORMATS), default="mbox")
        parser.add_argument(
            "destination", metavar="DEST", help="a new folder, or - for mbox on standard output"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        account = find_account(options["account"])
        if account is None:
            raise CommandError(f"There is no account or address {options['account']}.")
        if options["destination"] == "-":
            if options["format"] != "mbox":
                raise CommandError("Only mbox can be written to standard output.")
            _write_to_standard_output(account)
            return
        self._write_folder(account, options["format"], Path(options["destination"]))

    def _write_folder(self, account: Account, form: str, destination: Path) -> None:
        """Under another name until it is complete, so that half an export never looks like one."""
        if destination.exists() and (not destination.is_dir() or any(destination.iterdir())):
            raise CommandError(f"{destination} exists already. Name a new or an empty folder.")
        partial = destination.with_name(f"{destination.name}.partial")
        if partial.exists():
            raise CommandError(f"{partial} is left from an export that broke off. Remove it first.")
        try:
            partial.mkdir(parents=True)
            for mailbox in _FORMATS[form](account, partial):
                self.stderr.write(f"{mailbox.name}: {mailbox.messages} messages")
            partial.rename(destination)
        except OSError as error:
            shutil.rmtree(partial, ignore_errors=True)
            raise CommandError(f"{destination} can't be written: {error}") from error
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise


def _write_to_standard_output(account: Account) -> None:
    for mailbox in mailboxes_of(account):
        for piece in mbox_of(mailbox):
            sys.stdout.buffer.write(piece)
    sys.stdout.buffer.flush()
