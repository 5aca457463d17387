"""What the account has sent, newest first, and how each recipient stands."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from delivery.models import QueuedMessage, QueuedRecipient
from mail.models import Account
from moxsite.pages.access import account_page
from moxsite.pages.connection import client_settings
from moxsite.pages.cursor import PAGE, Page, newer_page, number_of, older_page
from moxsite.pages.words import Chip, chip_of_state

NAMED_RECIPIENTS = 4
"""Recipients of one message that the list names; of the others it gives the counts."""


@dataclass(slots=True)
class SentLine:
    """A sent message with the recipients that the list names and counts of all."""

    message: QueuedMessage
    named: list[QueuedRecipient] = field(default_factory=list)
    counts: list[tuple[Chip, int]] = field(default_factory=list)

    @property
    def unnamed(self) -> int:
        """How many more recipients there are."""
        return sum(count for _, count in self.counts) - len(self.named)


@require_safe
@account_page
def sent(request: HttpRequest, account: Account) -> HttpResponse:
    """The list."""
    page = _page(request, account)
    context = {"page": page, "connect": None if page.rows else client_settings(account)}
    return render(request, "pages/sent.html", context)


def _page(request: HttpRequest, account: Account) -> Page[SentLine]:
    rows = QueuedMessage.objects.filter(account=account).defer("prefix")
    after = _position(request, "after")
    if after is not None:
        newer = rows.filter(Q(accepted__gt=after[0]) | Q(accepted=after[0], id__gt=after[1]))
        page = newer_page(_lines(newer.order_by("accepted", "id")))
        if page.has_newer:
            return page
    before = _position(request, "before")
    if before is not None:
        rows = rows.filter(Q(accepted__lt=before[0]) | Q(accepted=before[0], id__lt=before[1]))
    return older_page(_lines(rows.order_by("-accepted", "-id")), from_start=before is None)


def _position(request: HttpRequest, name: str) -> tuple[int, int] | None:
    """Where a page starts: the moment a message was accepted, and its id for those of the same moment."""
    moment, message_id = number_of(request, name), number_of(request, "id")
    return None if moment is None or message_id is None else (moment, message_id)


def _lines(rows: QuerySet[QueuedMessage]) -> list[SentLine]:
    lines = {message.id: SentLine(message) for message in rows[: PAGE + 1]}
    for message_id, counts in _counts(lines).items():
        lines[message_id].counts = counts
    for line in lines.values():
        line.named = list(line.message.recipients.order_by("id")[:NAMED_RECIPIENTS])
    return list(lines.values())


def _counts(messages: Iterable[int]) -> dict[int, list[tuple[Chip, int]]]:
    """How many recipients of each message are in which state."""
    states = QueuedRecipient.objects.filter(message_id__in=list(messages))
    grouped = states.values_list("message_id", "state", "held").annotate(count=Count("id"))
    by_message: dict[int, dict[Chip, int]] = defaultdict(lambda: defaultdict(int))
    for message_id, state, held, count in grouped.order_by("message_id", "state"):
        by_message[message_id][chip_of_state(state, held)] += count
    return {message_id: _sorted(counts) for message_id, counts in by_message.items()}


def _sorted(counts: dict[Chip, int]) -> list[tuple[Chip, int]]:
    """What needs attention first."""
    order: Sequence[str] = ("failed", "held", "waiting", "dropped", "delivered")
    return sorted(counts.items(), key=lambda item: order.index(item[0].word))
