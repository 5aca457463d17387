"""Pages that show, before they save, what a change of routes or transports does to mail that waits.

The change is made in a transaction, looked at from within, and taken back when it has effects that nobody
has agreed to. Without effects it is saved like any other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.contrib import admin
from django.db import models, transaction
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from delivery.queue.preview import Effects, effects_now, present_ways
from mail.configuration.snapshot import InvalidConfiguration
from moxsite.admin.kept_fields import kept_fields, with_opened_secrets

AGREED: Final = "_agreed_effects"
_PRESENT: Final = "_moxsite_present_ways"


class EffectsFound(Exception):
    """A change has effects that were not agreed to. Raised within the transaction, to end it."""

    def __init__(self, effects: Effects) -> None:
        super().__init__(f"{effects.affected} recipients are affected")
        self.effects = effects


def previewed(request: HttpRequest, change: Callable[[], HttpResponse], *, back: str = "") -> HttpResponse:
    """The answer of `change`, or the effects it would have. It calls `check_effects` when all is saved.

    `back` is where one goes who does not agree; by default to the page that sent the request.
    """
    present = present_ways()
    if present is None:
        return change()
    setattr(request, _PRESENT, present)
    try:
        with transaction.atomic():
            return change()
    except EffectsFound as found:
        return _effects_page(request, found.effects, back or request.get_full_path())


def check_effects(request: HttpRequest) -> None:
    """Raise EffectsFound if the change that was just made has any that the request does not agree to."""
    present = getattr(request, _PRESENT, None)
    if present is None:
        return
    try:
        effects = effects_now(present)
    except InvalidConfiguration:
        return  # it will be refused when it comes to force, and said there
    if effects.effects and request.POST.get(AGREED) != effects.digest:
        raise EffectsFound(effects)


class PreviewsEffects:
    """For pages whose saving and deleting show their effects first. Stands before ConfigurationAdmin."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The form, or the effects of what it says."""
        view: Any = super()

        def change() -> HttpResponse:
            answer: HttpResponse = view.changeform_view(request, object_id, form_url, extra_context)
            return answer

        if request.method != "POST":
            return change()
        with_opened_secrets(request)
        return previewed(request, change)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The question, or the effects of the answer."""
        view: Any = super()

        def change() -> HttpResponse:
            answer: HttpResponse = view.delete_view(request, object_id, extra_context)
            return answer

        return previewed(request, change) if request.method == "POST" else change()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, or the effects of an action on it."""
        view: Any = super()

        def change() -> HttpResponse:
            answer: HttpResponse = view.changelist_view(request, extra_context)
            return answer

        return previewed(request, change) if request.method == "POST" else change()

    def save_related(self, request: HttpRequest, form: ModelForm[Any], formsets: Any, change: bool) -> None:
        """Save what belongs to the row; then all is saved."""
        saver: Any = super()
        saver.save_related(request, form, formsets, change)
        check_effects(request)

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        """Delete one."""
        saver: Any = super()
        saver.delete_model(request, obj)
        check_effects(request)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Delete many."""
        saver: Any = super()
        saver.delete_queryset(request, queryset)
        check_effects(request)


def _effects_page(request: HttpRequest, effects: Effects, back: str) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": "This changes the way of mail that waits",
        "effects": effects,
        "unnamed": effects.affected - len(effects.named),
        "kept": kept_fields(request, leave_out=(AGREED,)),
        "agreed": AGREED,
        "action": request.get_full_path(),
        "back": back,
    }
    return TemplateResponse(request, "admin/effects.html", context)
