"""manage.py restore"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from moxsite.backup.errors import BackupError
from moxsite.backup.restoring import restore_backup


class Command(BaseCommand):
    requires_system_checks = []
    help = (
        "Makes an installation of a backup, in a data directory and a database that are empty. Checks all "
        "hashes, brings older tables to this version and reads every message."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="DIR", type=Path, help="what manage.py backup has made")
        parser.add_argument(
            "--hold",
            action="store_true",
            help="put all mail that waits on hold: some of it was delivered after the backup was made",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            restore_backup(options["folder"].expanduser().absolute(), self.stdout.write, hold=options["hold"])
        except BackupError as error:
            raise CommandError(str(error)) from error
        if options["hold"]:
            self.stdout.write("Restored. The mail that waits is on hold; manage.py queue unhold lets it go.")
            return
        self.stdout.write(
            "Restored. Mail that was delivered after the backup was made waits in the queue again: look at "
            "it with manage.py queue list before you start serve."
        )
