"""Who changed what in the configuration."""

import json
from collections.abc import Iterator
from typing import Any, Final

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from moxsite.admin.read_only import ReadOnlyAdmin
from moxsite.models import AuditEntry
from moxsite.pages.words import Chip
from moxsite.templatetags.words import chip_tag, exact

_COLOURS: Final = {
    AuditEntry.Action.ADDED: "green",
    AuditEntry.Action.CHANGED: "amber",
    AuditEntry.Action.REMOVED: "red",
}
_SHOWN: Final = 80


class AuditEntryAdmin(ReadOnlyAdmin):
    """The log. Entries are kept for three years."""

    list_display = ("when", "actor", "outcome", "what", "changes_text")
    list_filter = ("action", "kind")
    search_fields = ("who", "via", "kind", "name", "changes")
    search_help_text = "A login, a page or command, a name, a field or a value."
    sortable_by = ()
    show_facets = admin.ShowFacets.NEVER

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Under the name by which people know it."""
        return super().changelist_view(request, {"title": "Audit log", **(extra_context or {})})

    @admin.display(description="When")
    def when(self, entry: AuditEntry) -> str:
        """When it was done."""
        return exact(entry.moment)

    @admin.display(description="Who")
    def actor(self, entry: AuditEntry) -> SafeString:
        """Who did it, and by which page or command."""
        return format_html('{}<br><span class="soft small">{}</span>', entry.who, entry.via)

    @admin.display(description="Did")
    def outcome(self, entry: AuditEntry) -> SafeString:
        """Added, changed or removed."""
        action = AuditEntry.Action(entry.action)
        return chip_tag(Chip(str(action.label), _COLOURS[action]))

    @admin.display(description="What")
    def what(self, entry: AuditEntry) -> str:
        """What sort of thing, and which one."""
        return f"{entry.kind} {entry.name}"

    @admin.display(description="Before and after")
    def changes_text(self, entry: AuditEntry) -> SafeString:
        """Field by field."""
        return format_html_join("", "<div><strong>{}</strong> {}</div>", _lines(entry))


def _lines(entry: AuditEntry) -> Iterator[tuple[str, str]]:
    for field, (before, after) in json.loads(entry.changes).items():
        label = field.replace("_", " ")
        match entry.action:
            case AuditEntry.Action.ADDED:
                yield label, _text(after)
            case AuditEntry.Action.REMOVED:
                yield label, _text(before)
            case _:
                yield label, f"{_text(before)} → {_text(after)}"


def _text(value: Any) -> str:
    if value is None or value == "":
        return "nothing"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
