"""Suppressed addresses of all accounts."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from delivery.models import Suppression
from delivery.queue.suppression_lists import SuppressionRefused, new_suppression
from mail.models import Account
from moxsite.admin.base import ConfigurationAdmin
from moxsite.admin.fields import NamedChoice
from moxsite.templatetags.words import exact


class SuppressionForm(forms.ModelForm):  # type: ignore[type-arg]
    """An address that an account is not to write to."""

    account = NamedChoice(Account.objects.all(), help_text="Name of the account.")
    address = forms.CharField(
        max_length=400,
        help_text="Spellings of it are meant too: in upper case, with dots, with what follows + or -.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    reason = forms.CharField(
        required=False,
        max_length=400,
        help_text="Shown to the owner of the account.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    class Meta:
        model = Suppression
        fields = ("account", "address", "reason")

    def clean(self) -> dict[str, Any]:
        """An address that is not on the list."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                self.instance = new_suppression(cleaned["account"], cleaned["address"], cleaned["reason"])
                cleaned["address"] = self.instance.address
            except SuppressionRefused as error:
                self.add_error("address", str(error))
        return cleaned


class SuppressionAdmin(ConfigurationAdmin):
    """Entries are made and removed, not changed."""

    form = SuppressionForm
    list_display = ("address", "account", "origin", "reason", "since")
    list_display_links = None
    list_select_related = ("account",)
    list_filter = ("automatic",)
    search_fields = ("address", "domain", "account__name")
    search_help_text = "An address, a domain, or the name of an account."
    sortable_by = ()
    fields = ("account", "address", "reason")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """See the class."""
        return False

    @admin.display(description="How")
    def origin(self, row: Suppression) -> str:
        """Who put it there."""
        return "after a failure" if row.automatic else "by hand"

    @admin.display(description="Since")
    def since(self, row: Suppression) -> str:
        """When."""
        return exact(row.created)
