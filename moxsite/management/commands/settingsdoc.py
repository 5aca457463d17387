"""manage.py settingsdoc"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from moxsite.settings import environment
from moxsite.settingsdoc import PAGE, settings_page


class Command(BaseCommand):
    help = "Writes docs/settings.md from the settings' own descriptions."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only tell whether the page is current")

    def handle(self, *args: Any, **options: Any) -> None:
        page = settings_page(environment.definitions.values())
        if not options["check"]:
            PAGE.write_text(page, encoding="utf-8")
        elif page != PAGE.read_text(encoding="utf-8"):
            raise CommandError(f"{PAGE} is not current: make docs")
