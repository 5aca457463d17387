"""Aliases: addresses that deliver to several others."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest

from mail.addresses.domain import AddressError
from mail.addresses.parse import parse_address
from mail.configuration.address_removal import judged_removals
from mail.models import Alias, AliasMember, Destination
from moxsite.admin.base import ConfigurationAdmin, ConfigurationInline


class MemberForm(forms.ModelForm):  # type: ignore[type-arg]
    """A member, typed as an address."""

    address = forms.CharField(
        label="Address",
        max_length=384,
        help_text="An address of an account of this server.",
        widget=forms.TextInput(attrs={"class": "address", "autocomplete": "off"}),
    )

    class Meta:
        model = AliasMember
        fields = ("address",)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk is not None:
            self.initial["address"] = str(self.instance.destination)

    def clean_address(self) -> str:
        """The destination that has this address."""
        text: str = self.cleaned_data["address"]
        destination = _destination(text)
        if destination is None:
            raise ValidationError(f"No account has {text}. Add the address to an account first.")
        self.instance.destination = destination
        return text


def _destination(text: str) -> Destination | None:
    """The destination with this address; catchalls are no members. Raises ValidationError."""
    try:
        address = parse_address(text)
    except AddressError as error:
        raise ValidationError(f"This is no address: {error}.") from None
    candidates = Destination.objects.filter(domain__name=address.domain, is_catchall=False)
    for destination in candidates.filter(localpart__iexact=address.localpart).select_related("domain"):
        canonical = destination.domain.rules.canonical(address.localpart)
        if canonical == destination.canonical_localpart:
            return destination
    return None


class AliasForm(forms.ModelForm):  # type: ignore[type-arg]
    """An alias; what is allowed is said in words."""

    class Meta:
        model = Alias
        fields = ("localpart", "domain", "post_public", "list_members", "allow_from")
        labels = {
            "post_public": "everybody may write",
            "list_members": "members see each other",
            "allow_from": "members may send as it",
        }
        help_texts = {"localpart": "What stands before the @.", "domain": "One of this server."}


class MemberInline(ConfigurationInline):
    """The addresses an alias delivers to."""

    model = AliasMember
    form = MemberForm
    extra = 2


class AliasAdmin(ConfigurationAdmin):
    """An alias with its members."""

    form = AliasForm
    list_display = ("address_text", "member_count", "post_public", "list_members", "allow_from")
    list_filter = ("post_public",)
    search_fields = ("localpart", "domain__name")
    fieldsets = (
        (None, {"fields": (("localpart", "domain"),)}),
        ("Who may do what", {"fields": ("post_public", "list_members", "allow_from")}),
    )
    inlines = (MemberInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Alias]:
        """Aliases with how many members they have."""
        found: QuerySet[Alias] = super().get_queryset(request)
        return found.select_related("domain").annotate(member_total=Count("memberships"))

    def save_related(self, request: HttpRequest, form: ModelForm[Any], formsets: Any, change: bool) -> None:
        """Save members; whether some may go is judged when all that come are there."""
        with judged_removals():
            super().save_related(request, form, formsets, change)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, Any], set[str], list[Any]]:
        """What goes with aliases. Those stay that mail which waits was sent as."""
        found, counts, missing, protected = super().get_deleted_objects(objs, request)
        return found, counts, missing, [*protected, *_reasons_to_keep([alias.pk for alias in objs])]

    @admin.display(description="Address", ordering="localpart")
    def address_text(self, alias: Alias) -> str:
        """The address with international characters."""
        return alias.address.display()

    @admin.display(description="Members", ordering="member_total")
    def member_count(self, alias: Any) -> int:
        """How many addresses get a copy."""
        return int(alias.member_total)


def _reasons_to_keep(aliases: list[int]) -> list[str]:
    """Why these can't be removed: it is tried and taken back."""
    try:
        with transaction.atomic():
            with judged_removals():
                Alias.objects.filter(pk__in=aliases).delete()
            transaction.set_rollback(True)
    except ValidationError as refusal:
        return refusal.messages
    return []
