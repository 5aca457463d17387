"""manage.py metricsdoc"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

import moxsite.metrics  # noqa: F401 - with it all metrics are defined
from mail.metrics.registry import metrics
from moxsite.metricsdoc import PAGE, metrics_page


class Command(BaseCommand):
    help = "Writes docs/metrics.md from the metrics' own descriptions."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only tell whether the page is current")

    def handle(self, *args: Any, **options: Any) -> None:
        page = metrics_page(metrics.values())
        if not options["check"]:
            PAGE.write_text(page, encoding="utf-8")
        elif not PAGE.exists() or page != PAGE.read_text(encoding="utf-8"):
            raise CommandError(f"{PAGE} is not current: make docs")
