"""What people do with the queue, from the admin and from the command line.

However many recipients are meant, they are changed in slices, so that no transaction holds up the mail.
"""

from collections.abc import Iterator, Sequence

from django.conf import settings

from delivery.queue import changing  # noqa: F401 - registers what the writer does
from delivery.queue.changes import Change, ChangeRecipients
from delivery.queue.giving_up import give_up
from delivery.queue.notices import Notices
from delivery.queue.telling import before, tell_operation
from delivery.queue.waking import wake_dispatchers
from mail.store.writer import writer

SLICE = 500
"""Recipients that are changed in one transaction."""

SLICE_WITH_NOTICES = 100


def change_queue(ids: Sequence[int], change: Change, by: str = "") -> int:
    """Change those of the recipients that wait; how many were changed. `by` is the login that does it.

    Raises LookupError for a transport that is not there.
    """
    changed, earlier = 0, before(ids, change)
    try:
        for part in slices(ids, SLICE):
            changed += len(writer().submit(ChangeRecipients(part, change, by)).result())
    finally:
        wake_dispatcher()
        tell_operation(changed, earlier, change)
    return changed


def give_up_recipients(ids: Sequence[int], by: str = "") -> int:
    """Settle those of the recipients that wait as failed and tell the senders; how many they were."""
    notices, earlier = Notices(settings.MOXSITE_HOSTNAME), before(ids, None)
    given_up = sum(give_up(writer(), notices, part, by) for part in slices(ids, SLICE_WITH_NOTICES))
    tell_operation(given_up, earlier, None)
    return given_up


def wake_dispatcher() -> None:
    """Let the dispatcher look for what is due now."""
    wake_dispatchers()


def slices(ids: Sequence[int], size: int) -> Iterator[tuple[int, ...]]:
    """The ids in order, in tuples of at most `size`."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), size):
        yield tuple(ordered[start : start + size])
