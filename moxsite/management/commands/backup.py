"""manage.py backup"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mail.configuration.generation import read_generation
from moxsite.backup.errors import BackupError
from moxsite.backup.making import make_backup


class Command(BaseCommand):
    help = (
        "Copies the database as it is at one moment, and the secrets, into a new directory. "
        "Everything may go on running meanwhile."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", metavar="DIR", type=Path, help="a new or empty directory")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"].expanduser().absolute()
        read_generation()  # a database that can't be used is explained
        try:
            made = make_backup(folder)
        except BackupError as error:
            raise CommandError(str(error)) from error
        messages = f"{made.messages} message{'' if made.messages == 1 else 's'}"
        self.stdout.write(f"{folder}: {messages}, {made.size} bytes.")
        if not made.key_included:
            self.stdout.write(
                "The secret key comes from the environment and is not in the backup. Keep it elsewhere: "
                "without it passwords of transports, DKIM keys and certificates can't be read."
            )
