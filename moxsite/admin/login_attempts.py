"""Log-ins of all accounts, and tries under names that nobody has."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from mail.models import LoginAttempt
from moxsite.admin.base import ConfigurationAdmin
from moxsite.pages.log_ins import how, password_text, result_chip
from moxsite.templatetags.words import chip_tag, exact


class LoginAttemptAdmin(ConfigurationAdmin):
    """To look at. The program writes them, and forgets them after a month."""

    list_display = ("outcome", "login_name", "login", "ip", "how_text", "password_text", "count", "when")
    list_display_links = None
    list_filter = ("result", "protocol")
    list_select_related = ("login",)
    search_fields = ("=login_name", "=ip", "=login__name")
    search_help_text = "A name as it was typed, the name of a login, or an IP address."
    sortable_by = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """See the class."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """See the class."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """See the class."""
        return False

    @admin.display(description="Result")
    def outcome(self, row: LoginAttempt) -> SafeString:
        """How it ended."""
        return chip_tag(result_chip(row))

    @admin.display(description="How")
    def how_text(self, row: LoginAttempt) -> str:
        """By which way."""
        return how(row)

    @admin.display(description="Password")
    def password_text(self, row: LoginAttempt) -> str:
        """Which one."""
        return password_text(row)

    @admin.display(description="Last")
    def when(self, row: LoginAttempt) -> str:
        """When it happened last."""
        return exact(row.last)
