"""One import: its upload, its preview with the choices, its run, and what became of it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from importer.files import remove_folder
from importer.models import State
from importer.staging.control import AbortImport, StartImport
from importer.staging.undo import UndoImport
from importer.uploads import (
    SLICE,
    UploadRefused,
    WrongOffset,
    received_bytes,
    take_slice,
    wake_workers,
)
from mail.audit_trail import Action, tell
from mail.models import Account
from mail.store.writer import writer
from moxsite.pages.access import account_page
from moxsite.pages.imports.answers import gone_on, own_import, refused
from moxsite.pages.imports.choosing import ChoicesRefused, choices_of, preview_page
from moxsite.pages.imports.panel import panel_of
from moxsite.pages.words import counted


@require_safe
@account_page
def one(request: HttpRequest, account: Account, token: str) -> HttpResponse:
    """The page."""
    row = own_import(account, token)
    context = {"panel": panel_of(row), "slice": SLICE}
    if row.state == State.READY:
        context["preview"] = preview_page(row, account)
    return render(request, "pages/import.html", context)


@require_http_methods(["GET", "POST"])
@account_page
def upload(request: HttpRequest, account: Account, token: str) -> HttpResponse:
    """Take the slice in the request's body that begins at byte ?offset=, or say how much is there."""
    row = own_import(account, token)
    if request.method == "GET":
        return JsonResponse({"received": received_bytes(row), "size": row.size, "state": row.state})
    offset = request.GET.get("offset", "")
    if not (offset.isascii() and offset.isdigit() and len(offset) < 16):
        return JsonResponse({"error": "offset must be a number of bytes."}, status=400)
    if int(request.headers.get("Content-Length") or 0) > 2 * SLICE:
        return JsonResponse({"error": f"A slice has at most {2 * SLICE} bytes."}, status=413)
    try:
        received = take_slice(row, int(offset), request.read())
    except WrongOffset as error:
        return JsonResponse({"error": str(error), "received": error.received}, status=409)
    except UploadRefused as error:
        return JsonResponse({"error": str(error)}, status=400)
    return JsonResponse({"received": received})


@require_POST
@account_page
def start(request: HttpRequest, account: Account, token: str) -> HttpResponse:
    """Run it with these choices."""
    row = own_import(account, token)
    try:
        choices = choices_of(row, request.POST)
    except ChoicesRefused as error:
        return refused(request, str(error))
    if not writer().submit(StartImport(row.pk, choices)).result():
        return refused(request, "This import does not wait at its preview any more.", 409)
    wake_workers()
    row.refresh_from_db()
    return gone_on(request, row)


@require_POST
@account_page
def abort(request: HttpRequest, account: Account, token: str) -> HttpResponse:
    """End it; nothing of it stays. Again, or when it is over, that changes nothing."""
    row = own_import(account, token)
    was_running = row.state in (State.SCANNING, State.RUNNING)
    if not writer().submit(AbortImport(row.pk, "You aborted it. Nothing was brought in.")).result():
        row.refresh_from_db()
        return refused(
            request, f"This import is over already: {row.get_state_display()}.", 409, state=row.state
        )
    if not was_running:
        remove_folder(row.token)
    row.refresh_from_db()
    return gone_on(request, row)


@require_POST
@account_page
def undo(request: HttpRequest, account: Account, token: str) -> HttpResponse:
    """Take back what nobody has touched since."""
    row = own_import(account, token)
    taken = writer().submit(UndoImport(row.pk, account.pk)).result()
    if taken is None:
        return refused(request, "This import can't be undone any more.", 409)
    back, left = taken
    text = f"{counted(back, 'message')} taken back."
    if left:
        text += f" {counted(left, 'message')} stayed: changed, moved or removed since."
    tell(Action.REMOVED, "import", f"of {account.name}: {row.name}", {"messages": (back + left, left)})
    messages.success(request, text)
    row.refresh_from_db()
    return gone_on(request, row)
