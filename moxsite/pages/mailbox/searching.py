"""Messages of all mailboxes that were looked for."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from mail.models import Account, Message
from mail.search.finding import HIDDEN, Search
from mail.search.indexing import WAITING_COUNTED, waiting_messages
from mail.search.keys import message_of
from mail.search.query import parse_query
from moxsite.pages.access import account_page
from moxsite.pages.cursor import PAGE, Page, newer_page, number_of, older_page
from moxsite.pages.mailbox.lines import Line, shown_columns
from moxsite.pages.mailboxes import side

Result = tuple[int, Line]
"""A line and its key, by which the next page is found."""


@require_safe
@account_page
def search(request: HttpRequest, account: Account) -> HttpResponse:
    """The results, newest first."""
    text = request.GET.get("q", "").strip()
    query = parse_query(text)
    if not text:
        return redirect("mail")
    search = Search(account, query)
    page = Page([], False, False) if query.is_empty else _page(request, search)
    context = {
        **side(account),
        "text": text,
        "lines": [line for _, line in page.rows],
        "page": page,
        "problems": search.problems,
        "waiting": waiting_messages(account.pk),
        "waiting_counted": WAITING_COUNTED,
        "hides": not query.mailboxes and account.mailboxes.filter(special_use__in=HIDDEN, messages__gt=0),
    }
    return render(request, "pages/search.html", context)


def _page(request: HttpRequest, search: Search) -> Page[Result]:
    after = number_of(request, "after")
    if after is not None:
        page = newer_page(_results(search.oldest(PAGE + 1, after)))
        if page.has_newer:
            return page
    before = number_of(request, "before")
    if before is None:
        return older_page(_results(search.newest(PAGE + 1)), from_start=True)
    return older_page(_results(search.newest(PAGE + 1, before)), from_start=False)


def _results(keys: list[int]) -> list[Result]:
    """Those that are still there."""
    found = shown_columns(Message.objects.all()).in_bulk([message_of(key) for key in keys])
    return [(key, Line(found[message_of(key)])) for key in keys if message_of(key) in found]
