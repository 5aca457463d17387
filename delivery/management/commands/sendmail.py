"""manage.py sendmail, for the list of commands: manage.py itself runs it without Django."""

import sys
from collections.abc import Sequence

from django.core.management.base import BaseCommand

from delivery.sendmail.command import sendmail


class Command(BaseCommand):
    help = "Sends the message on standard input, as the sendmail of old did (--help shows its options)."

    def run_from_argv(self, argv: Sequence[str]) -> None:
        """All words are sendmail's own."""
        sys.exit(sendmail(argv[2:]))
