"""Accounts: addresses, limits, routes, and the login that opens them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from mail.configuration.address_removal import judged_removals
from mail.models import Account, Login, Message
from mail.store.mailboxes import ensure_account_store
from moxsite.admin.base import ConfigurationAdmin
from moxsite.admin.destinations import DestinationInline
from moxsite.admin.preview import PreviewsEffects
from moxsite.admin.routes import RouteInline
from moxsite.pages.limits import account_limits
from moxsite.pages.words import Chip, counted, size_text
from moxsite.templatetags.words import chip_tag

_LISTED_ADDRESSES = 3


class AccountAdmin(PreviewsEffects, ConfigurationAdmin):
    """An account. Its login has a page of its own, because it belongs to a person and not to the mail."""

    list_display = ("name", "full_name", "addresses", "state", "stored")
    search_fields = ("name", "full_name", "destinations__localpart", "destinations__domain__name")
    fieldsets = (
        (None, {"fields": ("name", "full_name", "login_link", "login_disabled", "cram_md5")}),
        ("Forged senders", {"fields": ("dmarc_reject",)}),
        (
            "Limits",
            {
                "fields": (
                    "max_outgoing_messages_per_day",
                    "max_first_time_recipients_per_day",
                    "quota_mb",
                    "used",
                )
            },
        ),
    )
    readonly_fields = ("login_link", "used")
    inlines = (DestinationInline, RouteInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        """Accounts with what the list shows of others."""
        found: QuerySet[Account] = super().get_queryset(request)
        return found.select_related("counters", "login").prefetch_related("destinations__domain")

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:
        """Save; a new account gets its mailboxes in the same transaction."""
        super().save_model(request, obj, form, change)
        ensure_account_store(obj)

    def save_related(self, request: HttpRequest, form: ModelForm[Any], formsets: Any, change: bool) -> None:
        """Save addresses and routes; whether addresses may go is judged when all that come are there."""
        with judged_removals(form.instance.pk):
            super().save_related(request, form, formsets, change)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, Any], set[str], list[Any]]:
        """What goes with accounts, as counts. Accounts that hold mail stay, so that no click loses mail."""
        described, protected = [], []
        counts = {"accounts": 0, "addresses": 0, "mailboxes": 0, "routes": 0}
        for account in objs:
            messages = Message.objects.filter(mailbox__account=account).count()
            if messages:
                protected.append(f"{counted(messages, 'message')} in the mailboxes of {account.name}")
            members = account.destinations.filter(memberships__isnull=False).count()
            if members:
                protected.append(f"{counted(members, 'address')} of {account.name} in aliases")
            described.append(f"Account {account.name}")
            counts["accounts"] += 1
            counts["addresses"] += account.destinations.count()
            counts["mailboxes"] += account.mailboxes.count()
            counts["routes"] += account.routes.count()
        return described, counts, set(), protected

    @admin.display(description="Addresses")
    def addresses(self, account: Account) -> str:
        """Its first addresses, and how many more there are."""
        all_of_them = list(account.destinations.all())
        shown = [
            destination.address.display() + (" (catchall)" if destination.is_catchall else "")
            for destination in all_of_them[:_LISTED_ADDRESSES]
        ]
        text = format_html_join(", ", '<span class="nowrap">{}</span>', ((address,) for address in shown))
        more = len(all_of_them) - len(shown)
        return format_html("{} and {} more", text, more) if more else text or "–"

    @admin.display(description="Login")
    def state(self, account: Account) -> SafeString:
        """Whether somebody can log in to it."""
        login = _login_of(account)
        if login is None:
            return chip_tag(Chip("no login", "grey"))
        if account.login_disabled or not login.is_active:
            return chip_tag(Chip("disabled", "amber"))
        return chip_tag(Chip("enabled", "green"))

    @admin.display(description="Mail", ordering="counters__bytes")
    def stored(self, account: Account) -> str:
        """How much mail it keeps, and how much it may."""
        counters = getattr(account, "counters", None)
        kept = size_text(counters.bytes if counters is not None else 0)
        return f"{kept} of {account.quota_mb} MB" if account.quota_mb else kept

    @admin.display(description="Used now")
    def used(self, account: Account) -> str:
        """How much of its limits, as the account's own page shows it."""
        if account._state.adding:
            return "Nothing yet."
        lines = ((limit.label, limit.text) for limit in account_limits(account))
        return format_html_join("", "<div>{}: {}</div>", lines)

    @admin.display(description="Login")
    def login_link(self, account: Account) -> str:
        """The login that opens the account, or where to make one."""
        if account._state.adding:
            return "Save the account first, then make its login."
        login = _login_of(account)
        if login is not None:
            url = reverse("admin:mail_login_change", args=[login.pk])
            return format_html('<a href="{}">{}</a>: password, admin rights', url, login.name)
        query = urlencode({"account": account.name, "name": account.name})
        return format_html('None yet. <a href="{}?{}">Make one</a>', reverse("admin:mail_login_add"), query)


def _login_of(account: Model) -> Login | None:
    return getattr(account, "login", None)
