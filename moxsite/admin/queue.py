"""The queue: mail on its way, one row per recipient."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from delivery.models import QueuedRecipient
from mail.addresses.address import Address
from moxsite.admin.base import CheckedList, HistoryInAuditLog
from moxsite.admin.queue_actions import queue_actions
from moxsite.admin.queue_filters import StateFilter, TypedFilters
from moxsite.admin.queue_words import next_attempt_words, state_words
from moxsite.templatetags.words import address
from moxsite.timeline.stories import stories

_REPLY_SHOWN = 160


class QueueAdmin(CheckedList, HistoryInAuditLog, admin.ModelAdmin):  # type: ignore[type-arg]
    """Recipients of submitted messages. To be read; what can be done are actions."""

    list_display = (
        "recipient", "sender", "account", "state_text", "attempts_text", "next_attempt", "demanded", "reply",
    )  # fmt: skip
    list_filter = (StateFilter, TypedFilters)
    list_select_related = ("message", "message__account")
    list_per_page = 100
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    ordering = ("-id",)
    search_fields = ("localpart", "domain")
    search_help_text = "An address, a domain, a Message-ID, or a session id from the log."
    fields = ("recipient", "sender", "message_link", "accepted", "state_text", "demanded", "timeline")
    readonly_fields = fields
    change_form_template = "admin/queued.html"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, headed by what it is."""
        return super().changelist_view(request, {"title": "Queue", **(extra_context or {})})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One recipient, headed by its address."""
        row = self.get_object(request, object_id)
        title = {"title": Address(row.localpart, row.domain).display() if row else "", "subtitle": None}
        return super().change_view(request, object_id, form_url, {**title, **(extra_context or {})})

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Mail is submitted, not typed in here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A worker may be at it; actions go through the queue's own operations."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was accepted is delivered or reported, never just gone."""
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """What can be done with chosen rows."""
        return dict(queue_actions())

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[QueuedRecipient], search_term: str
    ) -> tuple[QuerySet[QueuedRecipient], bool]:
        """Rows for an address (of either side), a domain, a Message-ID or a session."""
        term = search_term.strip().strip("<>")
        if not term:
            return queryset, False
        found = Q(domain=term.lower()) | Q(message__session=term) | Q(message__message_id=term)
        found |= Q(message__sender_domain=term.lower()) | Q(localpart__iexact=term)
        localpart, at, domain = term.rpartition("@")
        if at:
            found |= Q(localpart__iexact=localpart, domain=domain.lower())
            found |= Q(message__sender_localpart__iexact=localpart, message__sender_domain=domain.lower())
        return queryset.filter(found), False

    @admin.display(description="Recipient")
    def recipient(self, row: QueuedRecipient) -> str:
        """Whom it is for."""
        return address(row)

    @admin.display(description="Sender")
    def sender(self, row: QueuedRecipient) -> str:
        """The envelope sender."""
        message = row.message
        if not message.sender_domain:
            return "none (a notice)"
        return Address(message.sender_localpart, message.sender_domain).display()

    @admin.display(description="State")
    def state_text(self, row: QueuedRecipient) -> SafeString:
        """How it stands."""
        return state_words(row)

    @admin.display(description="Account")
    def account(self, row: QueuedRecipient) -> str:
        """The account that submitted it."""
        return row.message.account.name if row.message.account else "–"

    @admin.display(description="Set by hand")
    def demanded(self, row: QueuedRecipient) -> str:
        """The transport and TLS demand that somebody set."""
        parts = [row.transport, f"TLS {row.tls_demand}" if row.tls_demand else ""]
        return ", ".join(part for part in parts if part) or "–"

    @admin.display(description="Attempts")
    def attempts_text(self, row: QueuedRecipient) -> str:
        """How often it was tried, and how often it may be."""
        return f"{row.attempts} of {row.maximum_attempts}"

    @admin.display(description="Next attempt")
    def next_attempt(self, row: QueuedRecipient) -> SafeString:
        """When it is tried again, in words."""
        return next_attempt_words(row)

    @admin.display(description="Last reply")
    def reply(self, row: QueuedRecipient) -> str:
        """What the other side said last, cut to what a list can show."""
        text = row.last_reply
        return text if len(text) <= _REPLY_SHOWN else text[:_REPLY_SHOWN] + "…"

    @admin.display(description="Message")
    def message_link(self, row: QueuedRecipient) -> SafeString:
        """Its subject, and the way to all of its recipients."""
        url = reverse("admin:delivery_queuedmessage_change", args=[row.message_id])
        return format_html('<a href="{}">{}</a>', url, row.message.subject or "(no subject)")

    @admin.display(description="Accepted")
    def accepted(self, row: QueuedRecipient) -> SafeString:
        """When, from where and by whom it was submitted."""
        return mark_safe(render_to_string("admin/queued_accepted.html", {"message": row.message}))

    @admin.display(description="Timeline")
    def timeline(self, row: QueuedRecipient) -> SafeString:
        """Everything that happened to it."""
        (story,) = stories([row], for_admin=True)
        return mark_safe(render_to_string("timeline/story.html", {"story": story}))
