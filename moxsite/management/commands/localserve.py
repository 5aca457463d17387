"""manage.py localserve"""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from moxsite.checks import TAG
from moxsite.localserve import add_options, describe
from moxsite.supervisor.roles import ROLES
from moxsite.supervisor.serve import CannotServe, ServeOptions, serve


class Command(BaseCommand):
    requires_system_checks = [TAG]
    help = (
        "Serves a ready-made set-up for trying moxsite out on this machine: no root, ports from 1000 up, "
        "an account and an admin with known passwords."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_options(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        serve_options = ServeOptions(
            user=settings.MOXSITE_RUN_AS, prepare=("prepare", "--tryout"), hangup_stops=True
        )
        try:
            status = serve(serve_options, when_ready=self._print_addresses)
        except CannotServe as error:
            raise CommandError(str(error)) from error
        sys.exit(status)

    def _print_addresses(self) -> None:
        services = {service for role in ROLES for service in role.services}
        self.stdout.write(
            describe(services, settings.MOXSITE_PORT_OFFSET, settings.DATA, settings.MOXSITE_DELIVER)
        )
        self.stdout.flush()
