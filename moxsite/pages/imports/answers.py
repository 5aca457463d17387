"""Answers to scripts and to browsers: the same address serves both."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect

from importer.models import Import
from mail.models import Account


def own_import(account: Account, token: str) -> Import:
    """An import of this account. Raises Http404: for everybody else it does not exist."""
    row = Import.objects.filter(account=account, token=token).first()
    if row is None:
        raise Http404("There is no such import.")
    return row


def wants_page(request: HttpRequest) -> bool:
    """Whether a form was sent by a browser, which goes on with a page. Everybody else gets JSON."""
    return "text/html" in request.headers.get("Accept", "")


def gone_on(request: HttpRequest, row: Import, status: int = 200) -> HttpResponse:
    """On to the import's page, or its token and state."""
    if wants_page(request):
        return redirect("import-one", row.token)
    return JsonResponse({"token": row.token, "state": row.state}, status=status)


def refused(request: HttpRequest, text: str, status: int = 400, **more: object) -> HttpResponse:
    """The reason as a note on the page that the browser came from, or as JSON."""
    if not wants_page(request):
        return JsonResponse({"error": text, **more}, status=status)
    messages.error(request, text)
    return HttpResponseRedirect(request.path if request.method == "GET" else _page_before(request))


def _page_before(request: HttpRequest) -> str:
    """The page whose form it was: the address without its last word, such as start or abort."""
    parts = request.path.rstrip("/").split("/")
    return "/".join(parts[:-1]) + "/" if parts[-1] in ("start", "abort", "undo", "upload") else request.path
