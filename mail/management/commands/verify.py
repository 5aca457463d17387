"""manage.py verify"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mail.store.consistency import inconsistencies
from mail.store.verify import damaged_contents


class Command(BaseCommand):
    help = "Reads every stored message and compares it with the hash taken when it arrived."

    def handle(self, *args: Any, **options: Any) -> None:
        problems = inconsistencies()
        for problem in problems:
            self.stdout.write(problem)
        read = damaged = 0
        for content, damage in damaged_contents():
            read += 1
            if damage:
                damaged += 1
                self.stdout.write(f"content {content}: {damage}")
        if problems or damaged:
            found = f"{damaged} of {read} messages are damaged, {len(problems)} contradictions were found."
            raise CommandError(f"{found} Restore from a backup.")
        self.stdout.write(f"{read} messages are whole.")
