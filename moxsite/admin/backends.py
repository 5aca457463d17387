"""The backends of forward handlers, and how they are doing."""

from dataclasses import dataclass
from typing import Final

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from mail import clock
from mail.configuration.snapshot import InvalidConfiguration, compile_snapshot
from moxsite.pages.words import Chip
from webserver.handlers.forward.health import BackendState
from webserver.handlers.forward.told import told_backends
from webserver.recent.asked import run_folder
from webserver.routing.values import ForwardSettings, Handler, WebSnapshot

_WELL: Final = Chip("well", "green")
_UNWELL: Final = Chip("asked last", "red")
_UNKNOWN: Final = Chip("not asked yet", "grey")


@dataclass(frozen=True, slots=True)
class ShownBackend:
    """A backend of a handler."""

    url: str
    handler: Handler
    settings: ForwardSettings
    chip: Chip
    problem: str
    checked: clock.Moment


@require_safe
def backends_page(request: HttpRequest) -> HttpResponse:
    """The page."""
    context = {
        **admin.site.each_context(request),
        "title": "Backends",
        "backends": _shown(),
    }
    return TemplateResponse(request, "admin/backends.html", context)


def _shown() -> list[ShownBackend]:
    try:
        web = compile_snapshot().section(WebSnapshot)
    except InvalidConfiguration:
        return []
    told = told_backends(run_folder())
    return [
        _shown_one(handler, handler.settings, backend.url, told.get(backend.url))
        for handler in web.handlers
        if isinstance(handler.settings, ForwardSettings)
        for backend in handler.settings.backends
    ]


def _shown_one(
    handler: Handler, settings: ForwardSettings, url: str, state: BackendState | None
) -> ShownBackend:
    if state is None:
        return ShownBackend(url, handler, settings, _UNKNOWN, "", 0)
    chip = _UNWELL if state.problem else _WELL
    return ShownBackend(url, handler, settings, chip, state.problem, state.checked)
