"""manage.py certificates"""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mail import clock
from mail.models import Certificate
from moxsite.models import AcmeName


class Command(BaseCommand):
    help = "Lists certificates, or obtains by ACME now what is missing or ends."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="list|renew")
        actions.add_parser("list", help="names, until when, and what keeps others from having one")
        renew = actions.add_parser("renew", help="one round of what the background worker does")
        renew.add_argument("names", metavar="NAME", nargs="*", help="tried even if they failed lately")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "renew":
            self._renew(options["names"])
        self._list()

    def _renew(self, names: list[str]) -> None:
        from moxsite.acme.names import wanted_names
        from moxsite.acme.renewal import renew_certificates
        from moxsite.acme.trying import try_again_now

        if not settings.MOXSITE_ACME_DIRECTORY:
            raise CommandError("MOXSITE_ACME_DIRECTORY is not set: there is nobody to ask.")
        unknown = set(names) - {wanted.name for wanted in wanted_names()}
        if unknown:
            raise CommandError(
                f"Not a name of this server: {', '.join(sorted(unknown))}. Certificates are for the names of "
                "its configuration."
            )
        for name in names:
            try_again_now(name)
        renew_certificates()

    def _list(self) -> None:
        for row in Certificate.objects.order_by("not_after"):
            end = f"{clock.as_datetime(row.not_after):%Y-%m-%d}"
            self.stdout.write(f"{row}  until {end}  {row.get_source_display()}")
        for name in AcmeName.objects.exclude(state=AcmeName.State.VALID):
            problem = f": {name.problem}" if name.problem else ""
            self.stdout.write(f"{name}  {name.get_state_display()}{problem}")
