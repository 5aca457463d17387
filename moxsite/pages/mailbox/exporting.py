"""Mail to take away: the whole account, some mailboxes, or the messages that were picked."""

from django.contrib import messages as notes
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST

from mail import clock
from mail.exporting.archive import ARCHIVES, FORMATS, Chosen, export_archive
from mail.exporting.reading import mailboxes_of
from mail.models import Account
from moxsite.pages.access import account_page
from moxsite.pages.mailbox.applying import count_of
from moxsite.pages.mailbox.selection import selected_uids, selection_of
from moxsite.pages.mailboxes import mailbox_entries
from moxsite.pages.streaming import streamed


@require_http_methods(["GET", "HEAD", "POST"])
@account_page
def export(request: HttpRequest, account: Account) -> HttpResponse:
    """The form. Sent from a list, it is about the messages picked there."""
    selection = selection_of(request) if request.method == "POST" else None
    picked = count_of(selected_uids(account, selection)) if selection else 0
    if selection and not picked:
        notes.error(request, "No message was picked. Tick some first, or all of the list.")
        return redirect("mail")
    context = {
        "entries": mailbox_entries(account),
        "selection": selection,
        "picked": picked,
        "total": sum(mailbox.messages for mailbox in account.mailboxes.all()),
        "size": sum(mailbox.bytes for mailbox in account.mailboxes.all()),
    }
    return render(request, "pages/export.html", context)


@require_POST
@account_page
def download(request: HttpRequest, account: Account) -> HttpResponseBase:
    """The archive, made while it is sent."""
    format_, kind = request.POST.get("format", ""), request.POST.get("archive", "")
    if format_ not in FORMATS or kind not in ARCHIVES:
        notes.error(request, "Choose a format and a kind of archive.")
        return redirect("import-export")
    chosen = _chosen(request, account)
    if not chosen:
        notes.error(request, "Nothing was chosen to export.")
        return redirect("import-export")
    archive = ARCHIVES[kind]()
    response = streamed(request, export_archive(chosen, format_, archive), archive.content_type)
    name = f"{account.name}-{clock.as_datetime(clock.now()):%Y-%m-%d}-{format_}{archive.suffix}"
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _chosen(request: HttpRequest, account: Account) -> list[Chosen]:
    what = request.POST.get("what", "")
    if what == "picked":
        found = selected_uids(account, selection_of(request))
        return [Chosen(mailbox, tuple(uids)) for mailbox, uids in found.items() if uids]
    mailboxes = mailboxes_of(account)
    if what == "mailboxes":
        wanted = set(request.POST.getlist("box"))
        mailboxes = [mailbox for mailbox in mailboxes if str(mailbox.pk) in wanted]
    elif what != "all":
        return []
    return [Chosen(mailbox) for mailbox in mailboxes]
