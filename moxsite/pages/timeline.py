"""One sent message: who has got it, and everything that happened on the way."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from delivery.models import QueuedMessage
from mail.models import Account
from moxsite.pages.access import account_page
from moxsite.pages.cursor import HIGHEST, number_of
from moxsite.timeline.stories import stories

RECIPIENTS_PER_PAGE = 50


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
    for recipient in recipients:
        recipient.message = message
    shown = recipients[:RECIPIENTS_PER_PAGE]
    context = {
        "message": message,
        "stories": stories(shown),
        "next_after": shown[-1].id if len(recipients) > RECIPIENTS_PER_PAGE else None,
    }
    return render(request, "pages/timeline.html", context)
