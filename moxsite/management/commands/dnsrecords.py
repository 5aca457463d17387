"""manage.py dnsrecords"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mail.configuration.snapshot import InvalidConfiguration
from moxsite.setup.domain_check import UnknownDomain, find_domain
from moxsite.setup.knowing import facts_of
from moxsite.setup.needs.wanted import zone_text


class Command(BaseCommand):
    help = "Prints the DNS records to publish for a domain of this server, as lines of a zone file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("domain", metavar="DOMAIN")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            facts = facts_of(find_domain(options["domain"]))
        except (UnknownDomain, InvalidConfiguration) as error:
            raise CommandError(str(error), returncode=2) from None
        self.stdout.write(zone_text(facts), ending="")
        if not facts.knows_own_ips:
            self.stderr.write(
                "The addresses of this machine as the world sees them are not known, so records with them "
                "are missing. Set MOXSITE_PUBLIC_IPS, then print the records again."
            )
