"""Logins: who may come in, and to what."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from mail.identity.passwords import SHORTEST_PASSWORD, PasswordRefused, check_new_password
from mail.models import Account, Login
from moxsite.admin.base import ConfigurationAdmin
from moxsite.admin.fields import NamedChoice
from moxsite.second_factor.factors import factor_of, turn_off


class LoginForm(forms.ModelForm):  # type: ignore[type-arg]
    """A login; its password can be set and never read."""

    name = forms.CharField(
        max_length=128,
        help_text="What is typed to log in. With an account, its addresses work too.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    account = NamedChoice(
        Account.objects.all(),
        required=False,
        help_text="Name of the account whose mail this login opens. Empty: a login for the admin only.",
    )
    password = forms.CharField(
        label="New password",
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=f"At least {SHORTEST_PASSWORD} characters. Empty: the password stays as it is. "
        "A new one ends all sessions of the login.",
    )

    without_second_factor = forms.BooleanField(
        label="Turn two-factor off",
        required=False,
        help_text="For somebody who has lost the app and the recovery codes. The password alone counts then.",
    )

    class Meta:
        model = Login
        fields = ("name", "account", "is_staff", "is_active")

    def clean_password(self) -> str:
        """A password that can be used."""
        password: str = self.cleaned_data["password"]
        if not password:
            if self.instance.pk is None:
                raise ValidationError("A new login needs a password.")
            return ""
        try:
            check_new_password(password)
        except PasswordRefused as error:
            raise ValidationError(str(error)) from None
        return password


class LoginAdmin(ConfigurationAdmin):
    """A login: name, account, rights, password."""

    form = LoginForm
    list_display = ("name", "account", "is_staff", "is_active", "two_factor", "last_login")
    list_filter = ("is_staff", "is_active")
    list_select_related = ("account", "second_factor")
    search_fields = ("name", "account__name")

    @admin.display(description="Two-factor", boolean=True)
    def two_factor(self, login: Login) -> bool:
        """Whether a code is asked for."""
        factor = getattr(login, "second_factor", None)
        return factor is not None and factor.confirmed is not None

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save, with the password if one was typed."""
        if form.cleaned_data.get("without_second_factor"):
            turn_off(obj, keep_session=request.session.session_key)
        if form.cleaned_data.get("password"):
            obj.set_password(form.cleaned_data["password"])
        super().save_model(request, obj, form, change)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """With a field to turn two-factor off, where it is on."""
        fields = ["name", "account", "password", "is_staff", "is_active"]
        if obj is not None and factor_of(obj) is not None:
            fields.append("without_second_factor")
        return ((None, {"fields": fields}),)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody removes the login he is using."""
        return obj is None or obj.pk != request.user.pk

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        """The same for many at once."""
        if queryset.filter(pk=request.user.pk).exists():
            messages.warning(request, "Your own login was kept.")
        super().delete_queryset(request, queryset.exclude(pk=request.user.pk))
