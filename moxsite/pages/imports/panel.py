"""How an import stands, for people."""

from dataclasses import dataclass

from django.db.models import QuerySet

from importer.models import Import, ImportEvent, State
from importer.staging.events import COUNT, PROBLEM
from importer.staging.undo import UNDO
from importer.uploads import received_bytes
from mail import clock
from moxsite.pages.words import Chip

_CHIPS = {
    State.UPLOADING: Chip("uploading", "blue"),
    State.SCANNING: Chip("reading", "blue"),
    State.READY: Chip("waits for you", "amber"),
    State.RUNNING: Chip("running", "blue"),
    State.DONE: Chip("done", "green"),
    State.ABORTED: Chip("aborted", "red"),
    State.UNDONE: Chip("undone", "grey"),
}
PROBLEMS = 200
MAILBOXES = 500


@dataclass(frozen=True, slots=True)
class Panel:
    """An import with what its page shows beside its row."""

    row: Import

    @property
    def chip(self) -> Chip:
        """Its state as a coloured word."""
        return _CHIPS[State(self.row.state)]

    @property
    def received(self) -> int:
        """Bytes of the upload that are there."""
        return received_bytes(self.row)

    @property
    def percent(self) -> int:
        """How much of the upload is there."""
        return min(100, self.received * 100 // max(1, self.row.size))

    @property
    def can_undo(self) -> bool:
        """Whether it can still be taken back."""
        return self.undo_until is not None and self.undo_until > clock.now() and self.row.messages > 0

    @property
    def undo_until(self) -> clock.Moment | None:
        """When that ends; None when there is nothing to take back."""
        if self.row.state != State.DONE or self.row.finished is None:
            return None
        until: clock.Moment = self.row.finished + UNDO
        return until

    @property
    def is_live(self) -> bool:
        """Whether something moves by itself."""
        return self.row.state in (State.SCANNING, State.RUNNING)

    @property
    def problems(self) -> list[str]:
        """The first problems, as they were told."""
        return [event.data.get("message", "") for event in self._events(PROBLEM)[:PROBLEMS]]

    @property
    def counts(self) -> list[tuple[str, int]]:
        """Messages for each mailbox."""
        return list(self.row.targets.order_by("name").values_list("name", "messages")[:MAILBOXES])

    @property
    def position(self) -> tuple[int, int]:
        """Bytes of the file read, and its size, as they were told last."""
        last = self._events(COUNT).last()
        return (last.data.get("position", 0), last.data.get("size", 0)) if last else (0, self.row.size)

    def _events(self, kind: str) -> QuerySet[ImportEvent]:
        return ImportEvent.objects.filter(owner=self.row, kind=kind).order_by("seq")


def panel_of(row: Import) -> Panel:
    """The import for a page."""
    return Panel(row)
