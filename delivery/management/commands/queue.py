"""manage.py queue"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from delivery.models import QueuedRecipient
from delivery.queue.operations import Filter, find, retry
from delivery.queue.reports import attempt_lines, recipient_line
from mail.store.writer import stop_writer


class Command(BaseCommand):
    help = "Shows the mail that waits to be sent, and tries it again."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        for name, meaning in (
            ("list", "recipients that wait, the next due first"),
            ("show", "everything about recipients, with every attempt"),
            ("retry", "try waiting recipients again now"),
        ):
            action = actions.add_parser(name, help=meaning)
            action.add_argument("ids", nargs="*", type=int, metavar="ID")
            action.add_argument("--from", dest="sender", default="", help="sender address or domain")
            action.add_argument("--to", dest="recipient", default="", help="recipient address or domain")
            action.add_argument("--account", default="", help="the account that submitted it")
            action.add_argument("--all", action="store_true", help="everything that waits")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = Filter(
            tuple(options["ids"]), options["sender"], options["recipient"], options["account"]
        )  # fmt: skip
        action = options["action"]
        if wanted.is_empty and not options["all"] and action != "list":
            raise CommandError("Say which: ids, --from, --to, --account, or --all.")
        getattr(self, action)(wanted)

    def list(self, wanted: Filter) -> None:
        """A line for each recipient."""
        for row in find(wanted).iterator(500):
            self.stdout.write(recipient_line(row))

    def show(self, wanted: Filter) -> None:
        """A line for each recipient, then its attempts. With ids also those that are settled."""
        rows = find(wanted)
        if wanted.ids:
            rows = QueuedRecipient.objects.filter(id__in=wanted.ids).select_related(
                "message", "message__account"
            )
        found = False
        for row in rows.iterator(500):
            found = True
            self.stdout.write(recipient_line(row))
            for line in attempt_lines(row):
                self.stdout.write(f"    {line}")
        if not found:
            raise CommandError("No recipient matches.")

    def retry(self, wanted: Filter) -> None:
        """Make them due at once."""
        try:
            count = retry(list(find(wanted).values_list("id", flat=True)))
        finally:
            stop_writer()
        self.stdout.write(f"{count} recipients are tried again now.")
