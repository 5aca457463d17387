"""manage.py queue"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from delivery.management.queue.arguments import OPERATIONS, add_actions, selection_of
from delivery.management.queue.lists import holds, suppressions
from delivery.management.queue.operating import DONE, operate, recipients_are
from delivery.queue.reports import recipient_line, timeline_lines
from delivery.queue.selection import Selection, WrongFilter, find
from delivery.queue.suppression_lists import SuppressionRefused
from delivery.queue.when import NoTime
from mail.store.readers import stop_readers
from mail.store.writer import stop_writer

EX_USAGE = 2


class Command(BaseCommand):
    help = (
        "Shows the mail that waits to be sent and changes what happens to it. Exit status 1: no recipient "
        "matches, or it can't be done; 2: the command line is wrong."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_actions(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._act(options)
        except (WrongFilter, NoTime) as error:
            raise CommandError(str(error), returncode=EX_USAGE) from None
        except (LookupError, SuppressionRefused) as error:
            raise CommandError(str(error)) from None
        finally:
            stop_writer()
            stop_readers()

    def _act(self, options: dict[str, Any]) -> None:
        match options["action"]:
            case "holds":
                holds(options, self.stdout)
            case "suppressions":
                suppressions(options, self.stdout)
            case "list":
                self._list(selection_of(options))
            case "show":
                self._show(selection_of(options))
            case action if action in OPERATIONS:
                self._operate(action, options)

    def _list(self, wanted: Selection) -> None:
        """A line for each recipient."""
        for row in find(wanted).iterator(500):
            self.stdout.write(recipient_line(row))

    def _show(self, wanted: Selection) -> None:
        """A line for each recipient, then what happened to it. With ids also those that are settled."""
        found = False
        for row in find(wanted).iterator(500):
            found = True
            self.stdout.write(recipient_line(row))
            for line in timeline_lines(row):
                self.stdout.write(f"    {line}")
        if not found:
            raise CommandError("No recipient matches.")

    def _operate(self, action: str, options: dict[str, Any]) -> None:
        wanted = selection_of(options)
        if wanted.is_empty and not options["all"]:
            raise CommandError("Say which: ids, filters such as --to, or --all.", returncode=EX_USAGE)
        ids = list(find(wanted).order_by().values_list("id", flat=True))
        if not ids and not options["all"]:
            raise CommandError("No recipient matches.")
        count = operate(action, ids, options)
        self.stdout.write(f"{recipients_are(count)} {DONE[action]}.")
        if count < len(ids):
            others = recipients_are(len(ids) - count)
            self.stdout.write(f"{others} left alone: {_EXCEPT.get(action, 'not waiting')}.")


_EXCEPT = {
    "retry": "held, being tried right now, or not waiting",
    "reschedule": "being tried right now, or not waiting",
    "unhold": "not held",
}
