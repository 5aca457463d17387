"""manage.py routes"""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from delivery.queue.choice import Chooser
from delivery.queue.explain import explain
from delivery.queue.explain_question import WrongQuestion, typed_question
from delivery.queue.explain_text import explanation_lines, explanation_values
from mail.configuration.snapshot import InvalidConfiguration
from mail.configuration.snapshots import snapshots
from mail.store.readers import stop_readers

_OPTIONS = {"sender": "--from", "recipient": "--to", "account": "--account", "attempt": "--attempt"}


class Command(BaseCommand):
    help = "Explains which transport a message would take, and why."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        explaining = actions.add_parser(
            "explain", help="every rule with its reason, and the one that decides"
        )
        explaining.add_argument("--from", dest="sender", required=True, help="envelope sender; <> for none")
        explaining.add_argument("--to", dest="recipient", required=True, help="recipient address")
        explaining.add_argument("--account", default="", help="the account that sends")
        explaining.add_argument(
            "--attempt", type=int, default=1, help="number of the attempt; the first is 1"
        )
        explaining.add_argument("--json", action="store_true", help="answer with one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._explain(options)
        except WrongQuestion as error:
            raise CommandError(f"{_OPTIONS[error.field]}: {error}") from None
        except InvalidConfiguration as error:
            raise CommandError(f"The configuration can't be used: {error}") from None
        finally:
            stop_readers()

    def _explain(self, options: dict[str, Any]) -> None:
        question = typed_question(
            options["sender"], options["recipient"], options["account"], options["attempt"]
        )
        explanation = explain(Chooser(), snapshots().refresh_now(), question)
        if options["json"]:
            self.stdout.write(json.dumps(explanation_values(explanation), ensure_ascii=False))
            return
        for line in explanation_lines(explanation):
            self.stdout.write(line)
