"""manage.py prepare"""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError

from mail.tls.certificates import write_certificate
from moxsite.checks import TAG
from moxsite.setup.tryout import create_tryout


class Command(BaseCommand):
    requires_system_checks = [TAG]
    help = (
        "Makes what is missing in the data directory: the database and its newest tables, and a self-made "
        "certificate until one is configured. serve does this by itself."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--tryout", action="store_true", help="also the account and the admin of localserve"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            call_command("migrate", interactive=False, verbosity=0)
        except OperationalError as error:
            raise CommandError(
                f"The database can't be used: {error}. Check DATABASE_URL and that the server runs."
            ) from error
        if not settings.MOXSITE_TLS_CERT_FILE and not settings.TLS_CERTIFICATE.exists():
            write_certificate(settings.TLS_CERTIFICATE, settings.TLS_KEY, [settings.MOXSITE_HOSTNAME])
        if options["tryout"]:
            create_tryout()
