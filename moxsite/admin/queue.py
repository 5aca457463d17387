"""The queue: mail on its way, one row per recipient."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from delivery.models import QueuedRecipient
from delivery.queue.operations import retry
from mail.addresses.address import Address
from moxsite.admin.queue_filters import AccountFilter, DomainFilter, StateFilter
from moxsite.pages.timeline import stories
from moxsite.pages.words import counted, state_chip
from moxsite.templatetags.words import address, chip_tag, moment

_REPLY_SHOWN = 160


class QueueAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Recipients of submitted messages. To be read; what can be done are actions."""

    list_display = ("recipient", "sender", "state_text", "attempts_text", "next_attempt", "reply")
    list_filter = (StateFilter, DomainFilter, AccountFilter)
    list_select_related = ("message",)
    list_per_page = 100
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    sortable_by = ()
    ordering = ("-id",)
    search_fields = ("localpart", "domain")
    search_help_text = "An address, a domain, a Message-ID, or a session id from the log."
    actions = ("retry_now",)
    fields = ("recipient", "sender", "subject", "accepted", "lane", "timeline")
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

    @admin.action(description="Retry now")
    def retry_now(self, request: HttpRequest, queryset: QuerySet[QueuedRecipient]) -> None:
        """Make the chosen recipients due, as far as they are waiting."""
        chosen = list(queryset.values_list("id", flat=True))
        waiting = retry(chosen)
        if waiting:
            messages.success(request, f"{counted(waiting, 'recipient')} will be tried again now.")
        if settled := len(chosen) - waiting:
            messages.warning(request, f"{counted(settled, 'recipient')} had nothing to try: not waiting.")

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
        return chip_tag(state_chip(row))

    @admin.display(description="Attempts")
    def attempts_text(self, row: QueuedRecipient) -> str:
        """How often it was tried, and how often it may be."""
        return f"{row.attempts} of {row.maximum_attempts}"

    @admin.display(description="Next attempt")
    def next_attempt(self, row: QueuedRecipient) -> str:
        """When it is tried again."""
        return moment(row.due) or "–"

    @admin.display(description="Last reply")
    def reply(self, row: QueuedRecipient) -> str:
        """What the other side said last, cut to what a list can show."""
        text = row.last_reply
        return text if len(text) <= _REPLY_SHOWN else text[:_REPLY_SHOWN] + "…"

    @admin.display(description="Subject")
    def subject(self, row: QueuedRecipient) -> str:
        """Of the message."""
        return row.message.subject or "(no subject)"

    @admin.display(description="Accepted")
    def accepted(self, row: QueuedRecipient) -> SafeString:
        """When, from where and by whom it was submitted."""
        return mark_safe(render_to_string("admin/queued_accepted.html", {"message": row.message}))

    @admin.display(description="Attempts")
    def timeline(self, row: QueuedRecipient) -> SafeString:
        """Every attempt with its reason and its result."""
        (story,) = stories([row])
        return mark_safe(render_to_string("pages/story.html", {"story": story}))
