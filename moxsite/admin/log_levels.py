"""How much is logged."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from mail.models import LogLevel
from moxsite.admin.base import ConfigurationAdmin
from moxsite.logs.effective import ALL_OTHERS, effective_level
from moxsite.logs.levels import OWN_PACKAGES

_OFTEN_ASKED_FOR = (
    "delivery.smtp.client",
    "delivery.smtp.server",
    "delivery.queue",
    "delivery.reception",
    "delivery.transports",
    "mail.dns",
    "webserver.access",
)


class LogLevelForm(forms.ModelForm):  # type: ignore[type-arg]
    """A package and its level."""

    class Meta:
        model = LogLevel
        fields = ("package", "level")
        help_texts = {
            "package": f"One of {', '.join(OWN_PACKAGES)}, a part of one such as "
            f"{', '.join(_OFTEN_ASKED_FOR[:3])}, or a library. Empty: {ALL_OTHERS}.",
            "level": "Each shows what those before it do, and more. trace shows the lines of SMTP sessions "
            "without passwords; traceauth shows passwords too: turn it off again and remove the log.",
        }


class LogLevelAdmin(ConfigurationAdmin):
    """The level of all packages, and of single ones. Live within a second."""

    form = LogLevelForm
    list_display = ("package_text", "level")
    fields = ("package", "level")
    change_list_template = "admin/log_levels.html"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, and below it what each part of the program has."""
        parts = [effective_level(name) for name in (*OWN_PACKAGES, *_OFTEN_ASKED_FOR)]
        return super().changelist_view(request, {"parts": parts, **(extra_context or {})})

    @admin.display(description="Package", ordering="package")
    def package_text(self, level: LogLevel) -> str:
        """The package, or that it is the level of all others."""
        return level.package or ALL_OTHERS
