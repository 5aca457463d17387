"""manage.py import"""  # noqa: N999 - the name of the command

import signal
import threading
from pathlib import Path
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from importer.command.by_command import begin, dry_run
from importer.command.progress_bar import ProgressBar
from importer.jobs import work
from importer.models import Duplicates, State
from importer.staging.control import AbortImport
from mail.configuration.rules.mailboxes import mailbox_name, mailbox_name_problem
from mail.directory.accounts import find_account
from mail.process.collector import calm_collector
from mail.store.readers import stop_readers
from mail.store.writer import stop_writer, writer


class Command(BaseCommand):
    help = (
        "Brings mail into an account: an archive (zip, tar and compressed ones), an mbox or a Maildir. What "
        "is brought in appears all at once; if it fails or is broken off, nothing of it stays. Exit status "
        "1: it could not be brought in as a whole. Problems with single messages are listed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("account", metavar="ACCOUNT", help="name of the account, or one of its addresses")
        parser.add_argument("source", metavar="FILE|DIR", help="what to bring in")
        parser.add_argument("--mailbox", default="", help="put everything into this mailbox")
        parser.add_argument("--prefix", default="", help="take this off the front of the folders' names")
        parser.add_argument(
            "--duplicates",
            choices=Duplicates.values,
            default=Duplicates.SKIP.value,
            help="what becomes of messages that their mailbox holds already: skip (default) leaves them out, "
            "keep brings them in, merge leaves them out but takes over their flags and keywords",
        )
        parser.add_argument("--dry-run", action="store_true", help="only tell what is in it")

    def run_from_argv(self, argv: list[str]) -> None:
        """From a shell: the process is there for one import."""
        calm_collector()
        super().run_from_argv(argv)

    def handle(self, *args: Any, **options: Any) -> None:
        account = find_account(options["account"])
        if account is None:
            raise CommandError(f"There is no account or address {options['account']}.")
        source = Path(options["source"])
        if not source.exists():
            raise CommandError(f"{source} does not exist.")
        mailbox = mailbox_name(options["mailbox"])
        if mailbox and (problem := mailbox_name_problem(mailbox)):
            raise CommandError(f"--mailbox: {problem}")
        try:
            mapping = {"*": mailbox} if mailbox else {}
            if options["dry_run"]:
                for line in dry_run(account, source.absolute(), options["prefix"], mapping):
                    self.stdout.write(line)
                return
            row, token = begin(
                account,
                source.absolute(),
                Duplicates(options["duplicates"]),
                options["prefix"],
                mapping,
                self.stderr.write,
            )
            self._run(row.pk, token)
            row.refresh_from_db()
            if row.state != State.DONE:
                raise CommandError(row.outcome or "It was broken off.")
            for name, count in row.targets.order_by("name").values_list("name", "messages"):
                self.stdout.write(f"{name}: {count}")
            self.stdout.write(
                f"{row.messages} messages brought in, {row.skipped} left out as doubles, "
                f"{row.problems} problems"
            )
        finally:
            stop_writer()
            stop_readers()

    def _run(self, import_id: int, token: int) -> None:
        """Under this command's own lease. Ctrl-C aborts it."""

        def abort(number: int, frame: FrameType | None) -> None:
            writer().submit(AbortImport(import_id, "It was broken off. Nothing was brought in."))

        before = {number: signal.signal(number, abort) for number in (signal.SIGINT, signal.SIGTERM)}
        bar = ProgressBar(self.stderr)
        try:
            work(import_id, token, writer(), threading.Event(), bar.told)
        finally:
            bar.close()
            for number, handler in before.items():
                signal.signal(number, handler)
