"""manage.py loglevel"""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mail.log.levels import LEVELS
from mail.models import LogLevel
from moxsite.logs.effective import effective_level, is_known
from moxsite.logs.levels import OWN_PACKAGES

_DEFAULT = "default"


class Command(BaseCommand):
    help = (
        "Shows or changes how much is logged. All processes follow within a second; the level stays until "
        "it is changed again. Without arguments: all levels that are set."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "package",
            metavar="PACKAGE",
            nargs="?",
            default="",
            help=f"such as delivery.queue, or one of {', '.join(OWN_PACKAGES)}; left out: all others",
        )
        parser.add_argument(
            "level",
            metavar="LEVEL",
            nargs="?",
            default="",
            help=f"{', '.join(LEVELS)}; {_DEFAULT}: as the package around it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        package, level = options["package"], options["level"].lower()
        if not level and package.lower() in (*LEVELS, _DEFAULT):
            package, level = "", package.lower()
        try:
            if level:
                self._set(package, level)
                if not is_known(package):
                    self.stderr.write(f"As far as is known nothing logs as {package}: is it spelt so?")
                self.stdout.write("Every process follows within a second.")
            elif package:
                self.stdout.write(str(effective_level(package)))
            else:
                self._list()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error

    def _set(self, package: str, level: str) -> None:
        row = LogLevel.objects.filter(package=package).first() or LogLevel(package=package)
        if level == _DEFAULT:
            if row.pk is not None:
                row.delete()
            return
        if level not in LEVELS:
            raise CommandError(f"{level!r} is no log level: use one of {', '.join(LEVELS)}, {_DEFAULT}.")
        row.level = level
        row.save()

    def _list(self) -> None:
        self.stdout.write(str(effective_level("")))
        for row in LogLevel.objects.exclude(package=""):
            self.stdout.write(str(effective_level(row.package)))
