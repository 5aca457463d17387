"""“Import & export”: bringing a file in, what is under way, and what was brought in before."""

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from importer.models import Duplicates, Import
from importer.staging.control import AbortImport
from importer.uploads import (
    SLICE,
    UploadRefused,
    Wanted,
    WrongOffset,
    begin_upload,
    received_bytes,
    take_pieces,
)
from mail.models import Account
from mail.store.writer import writer
from moxsite.pages.access import account_page
from moxsite.pages.imports.answers import refused, wants_page
from moxsite.pages.imports.panel import panel_of

SHOWN = 50
"""Past imports on the page."""


@require_http_methods(["GET", "HEAD", "POST"])
@account_page
def overview(request: HttpRequest, account: Account) -> HttpResponse:
    """The page, or the beginning of an upload."""
    if request.method == "POST":
        return _begin(request, account)
    rows = list(account.imports.order_by("-id")[:SHOWN])
    context = {
        "under_way": [panel_of(row) for row in rows if not row.is_over],
        "past": [panel_of(row) for row in rows if row.is_over],
        "slice": SLICE,
        "duplicates": Duplicates,
    }
    return render(request, "pages/imports.html", context)


def _begin(request: HttpRequest, account: Account) -> HttpResponse:
    """A whole file in a form, or the announcement of one that comes in slices."""
    file = request.FILES.get("file")
    try:
        wanted = _wanted(request, file)
        # Two forms with the same file, as a double click sends them, must not write into one.
        row = begin_upload(account, wanted, goes_on=file is None)
        if file is not None:
            _take_whole(row, file)
            row.refresh_from_db()
    except UploadRefused as error:
        return refused(request, str(error))
    if wants_page(request):
        return redirect("import-one", row.token)
    return JsonResponse(
        {"token": row.token, "state": row.state, "received": received_bytes(row), "slice": SLICE}
    )


def _wanted(request: HttpRequest, file: "UploadedFile[bytes] | None") -> Wanted:
    name = (file.name if file is not None else request.POST.get("name")) or ""
    if file is not None:
        size = file.size or 0
    else:
        text = request.POST.get("size", "")
        if not name or not (text.isascii() and text.isdigit() and len(text) < 16):
            raise UploadRefused(
                "Choose a file: an archive (zip, tar, tgz), an mbox or a Maildir in an archive."
            )
        size = int(text)
    duplicates = request.POST.get("duplicates") or Duplicates.SKIP
    if duplicates not in Duplicates.values:
        raise UploadRefused(f"duplicates can be {', '.join(Duplicates.values)}.")
    prefix = request.POST.get("prefix", "").strip("/")
    return Wanted(name, size, request.POST.get("preview") == "1", Duplicates(duplicates), prefix)


def _take_whole(row: Import, file: "UploadedFile[bytes]") -> None:
    """A file that came in one form."""
    try:
        take_pieces(row, 0, file.chunks())
    except (UploadRefused, WrongOffset) as error:
        writer().submit(AbortImport(row.pk, str(error))).result()
        raise UploadRefused(str(error)) from error
