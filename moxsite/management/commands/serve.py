"""manage.py serve"""

import logging
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from moxsite.checks import TAG
from moxsite.supervisor.serve import CannotServe, ServeOptions, serve

log = logging.getLogger(__name__)


class Command(BaseCommand):
    requires_system_checks = [TAG]
    help = "Runs everything: opens the ports and keeps the processes for mail, web and delivery running."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--user",
            metavar="NAME",
            default=settings.MOXSITE_RUN_AS,
            help="when started as root: run all processes as this user, who also gets the data directory",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            status = serve(ServeOptions(user=options["user"]), when_ready=lambda: log.info("serving"))
        except CannotServe as error:
            raise CommandError(str(error)) from error
        sys.exit(status)
