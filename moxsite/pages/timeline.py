"""One sent message: who has got it, and every attempt with what the other side said."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from delivery.models import Attempt, QueuedMessage, QueuedRecipient, State
from mail import clock
from mail.models import Account
from moxsite.pages.access import account_page
from moxsite.pages.cursor import HIGHEST, number_of

RECIPIENTS_PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Story:
    """A recipient with the attempts made for it, oldest first."""

    recipient: QueuedRecipient
    attempts: Sequence[Attempt]

    @property
    def last(self) -> Attempt | None:
        """The latest attempt."""
        return self.attempts[-1] if self.attempts else None

    @property
    def is_local(self) -> bool:
        """Whether it went into a mailbox of this server, without an attempt."""
        return bool(self.recipient.local_account)

    @property
    def is_waiting(self) -> bool:
        """Whether another attempt will follow by itself."""
        return self.recipient.state == State.WAITING and not self.recipient.held

    @property
    def is_due(self) -> bool:
        """Whether the next attempt may begin at any moment."""
        return self.recipient.due is not None and self.recipient.due <= clock.now()

    @property
    def is_running(self) -> bool:
        """Whether an attempt is under way."""
        return self.last is not None and self.last.outcome == Attempt.Outcome.RUNNING


@require_safe
@account_page
def sent_message(request: HttpRequest, account: Account, message_id: int) -> HttpResponse:
    """The message with a timeline per recipient. Messages of other accounts are not found."""
    message = QueuedMessage.objects.filter(account=account, id=message_id).defer("prefix").first()
    if message is None or message_id > HIGHEST:
        raise Http404
    after = number_of(request, "after") or 0
    rows = message.recipients.filter(id__gt=after).order_by("id")[: RECIPIENTS_PER_PAGE + 1]
    recipients = list(rows)
    context = {
        "message": message,
        "stories": stories(recipients[:RECIPIENTS_PER_PAGE]),
        "next_after": recipients[RECIPIENTS_PER_PAGE - 1].id
        if len(recipients) > RECIPIENTS_PER_PAGE
        else None,
    }
    return render(request, "pages/timeline.html", context)


def stories(recipients: Sequence[QueuedRecipient]) -> list[Story]:
    """Each recipient with its attempts."""
    attempts: dict[int, list[Attempt]] = defaultdict(list)
    for attempt in Attempt.objects.filter(recipient__in=recipients).order_by("recipient_id", "number", "id"):
        attempts[attempt.recipient_id].append(attempt)
    return [Story(recipient, attempts[recipient.id]) for recipient in recipients]
