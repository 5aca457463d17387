"""manage.py dnscheck"""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mail.configuration.snapshot import InvalidConfiguration
from mail.models import Domain
from moxsite.setup.dnscheck.findings import Finding, Report
from moxsite.setup.dnscheck.whatif import UnreadableZone
from moxsite.setup.domain_check import UnknownDomain, check_domain, check_pasted_zone, find_domain


class Command(BaseCommand):
    help = "Checks what is published for a domain of this server. The exit status is 1 when there are errors."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("domain", metavar="DOMAIN")
        parser.add_argument("--json", action="store_true", help="print everything as one JSON object")
        parser.add_argument(
            "--zone",
            metavar="FILE",
            default="",
            help="check as if the records of this zone file were published (- is standard input)",
        )
        parser.add_argument(
            "--whole", action="store_true", help="with --zone: it is the whole zone, nothing else exists"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = self._report(find_domain(options["domain"]), options)
        except (UnknownDomain, InvalidConfiguration, UnreadableZone) as error:
            raise CommandError(str(error), returncode=2) from None
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), indent=2, ensure_ascii=False))
        else:
            self._print(report)
        if report.error_count:
            sys.exit(1)

    def _report(self, domain: Domain, options: dict[str, Any]) -> Report:
        if not options["zone"]:
            return check_domain(domain)
        try:
            text = sys.stdin.read() if options["zone"] == "-" else Path(options["zone"]).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{options['zone']} can’t be read: {error}") from None
        return check_pasted_zone(domain, text, whole=options["whole"])

    def _print(self, report: Report) -> None:
        for section in report.sections:
            good = "" if section.errors or section.warnings else ": nothing to mend"
            self.stdout.write(f"{section.name}{good}")
            self._list("error", section.errors)
            self._list("warning", section.warnings)
            self._list("note", section.instructions)
        self.stdout.write(f"{report.error_count} errors, {report.warning_count} warnings.")

    def _list(self, word: str, findings: list[Finding]) -> None:
        for found in findings:
            self.stdout.write(f"  {word}: {found.text}")
            for line in found.records:
                self.stdout.write(f"    {line}")
