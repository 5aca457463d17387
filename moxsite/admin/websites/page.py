"""The page: what is configured, in the order in which it is evaluated, changed and saved as a whole.

Buttons that move, add or copy rows send the form and get it back; only saving writes.
"""

from functools import partial
from typing import Any, Final

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from mail.configuration.generation import lock_generation
from moxsite.admin.kept_fields import kept_fields, with_opened_secrets
from moxsite.admin.saying import say_when_used
from moxsite.admin.websites.checking import Wanted, check
from moxsite.admin.websites.draft import Draft, act, posted_draft, stored_draft
from moxsite.admin.websites.preview import WebEffects, web_effects
from webserver.configuration.differences import handler_lines, redirect_lines
from webserver.configuration.saving import save_handlers, save_redirects
from webserver.configuration.sections import own_hosts
from webserver.configuration.stored import stored_web, web_digest
from webserver.handlers.kinds import KINDS
from webserver.models import WebHandler

AGREED: Final = "_agreed_effects"
_NOT_KEPT: Final = (AGREED, "action")


@require_http_methods(["GET", "HEAD", "POST"])
def websites_page(request: HttpRequest) -> HttpResponse:
    """Show, change or save."""
    if request.method != "POST":
        rows = list(WebHandler.objects.all())
        configuration = stored_web(rows)
        seen = web_digest(dict(configuration.redirects), rows)
        return _page(request, stored_draft(configuration, rows, seen))
    action = request.POST.get("action", "save")
    if action not in ("save", "preview"):
        draft = posted_draft(request.POST, checked=False)
        act(draft, action)
        return _page(request, draft)
    with_opened_secrets(request)
    with transaction.atomic():
        return _save(request, only_preview=action == "preview")


def _save(request: HttpRequest, *, only_preview: bool) -> HttpResponse:
    """Save, or say why not. In a transaction that nobody else changes the configuration in."""
    lock_generation()
    rows = list(WebHandler.objects.all())
    stored = stored_web(rows)
    seen = web_digest(dict(stored.redirects), rows)
    draft = posted_draft(request.POST, checked=True)
    wanted = check(draft, {row.pk: row for row in rows})
    if wanted is None:
        return _page(request, draft, note="Nothing is saved yet: correct what is marked below.")
    lines = redirect_lines(stored.redirects, wanted.redirects)
    lines += [line for _, line in handler_lines(rows, wanted.entries)]
    if draft.seen != seen:
        draft.seen = seen
        return _page(request, draft, meanwhile=lines or ["nothing: what was saved meanwhile is the same"])
    effects = web_effects(lines, wanted)
    if only_preview or (effects.needs_consent and request.POST.get(AGREED) != effects.digest):
        return _preview(request, effects)
    try:
        _write(wanted)
    except ValidationError as error:
        transaction.set_rollback(True)
        return _page(request, draft, note=" ".join(error.messages))
    if lines:
        transaction.on_commit(partial(say_when_used, request, "Saved."))
    else:
        messages.info(request, "Nothing was changed.")
    return HttpResponseRedirect(request.path)


def _write(wanted: Wanted) -> None:
    save_redirects(wanted.redirects)
    save_handlers(wanted.entries)


def _page(
    request: HttpRequest, draft: Draft, *, note: str = "", meanwhile: list[str] | None = None
) -> HttpResponse:
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": "Websites",
        "draft": draft,
        "blank": draft.next_key(),
        "kinds": KINDS.values(),
        "own_hosts": sorted(own_hosts()),
        "note": note,
        "meanwhile": meanwhile,
    }
    return TemplateResponse(request, "admin/websites.html", context)


def _preview(request: HttpRequest, effects: WebEffects) -> HttpResponse:
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": "What this changes",
        "effects": effects,
        "kept": kept_fields(request, leave_out=_NOT_KEPT),
        "agreed": AGREED,
    }
    return TemplateResponse(request, "admin/websites_preview.html", context)
