"""One submitted message with all of its recipients."""

from typing import Any, Final

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from delivery.models import QueuedMessage
from moxsite.admin.base import HistoryInAuditLog
from moxsite.admin.queue_actions import ACTIONS
from moxsite.admin.queue_words import next_attempt_words, state_words
from moxsite.pages.cursor import HIGHEST, number_of
from moxsite.timeline.stories import stories

_PER_PAGE: Final = 50


class QueuedMessageAdmin(HistoryInAuditLog, admin.ModelAdmin):  # type: ignore[type-arg]
    """A message to be read. What can be done is done with its recipients."""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """There is no list of messages but the queue."""
        return redirect("admin:delivery_queuedrecipient_changelist")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Mail is submitted, not typed in here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was submitted stays as it was."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was accepted is delivered or reported, never just gone."""
        return False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The message, its recipients with what can be done with them, and their timelines."""
        number = int(object_id) if object_id.isascii() and object_id.isdigit() else 0
        message = QueuedMessage.objects.filter(id=number).defer("prefix") if number <= HIGHEST else None
        found = message.select_related("account").first() if message is not None else None
        if found is None:
            raise Http404
        after = number_of(request, "after") or 0
        rows = list(
            found.recipients.select_related("message").filter(id__gt=after).order_by("id")[: _PER_PAGE + 1]
        )
        shown = rows[:_PER_PAGE]
        context = {
            **self.admin_site.each_context(request),
            "title": found.subject or "(no subject)",
            "opts": self.opts,
            "message": found,
            "actions": ACTIONS,
            "recipients": [(row, state_words(row), next_attempt_words(row)) for row in shown],
            "stories": stories(shown, for_admin=True),
            "next_after": shown[-1].id if len(rows) > _PER_PAGE else None,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/queued_message.html", context)
