"""The form that changes the main password of a login."""

from typing import Any

from django import forms

from mail.identity.passwords import (
    SHORTEST_PASSWORD,
    PasswordRefused,
    check_new_password,
    matching_credential,
)
from mail.models import Login

PASSWORD_CHANGED = "Your password was changed. Other browsers that were logged in are logged out."


class PasswordForm(forms.Form):
    """The present password and the new one, twice."""

    current = forms.CharField(
        label="Present password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = forms.CharField(
        label="New password",
        strip=False,
        help_text=f"At least {SHORTEST_PASSWORD} characters. Several words are easy to remember "
        "and hard to guess.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="New password again",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, login: Login, *args: Any, **options: Any) -> None:
        options.setdefault("auto_id", "password_%s")
        super().__init__(*args, **options)
        self._login = login

    def clean_current(self) -> str:
        """The present password proves that it is not somebody at an unlocked screen."""
        current: str = self.cleaned_data["current"]
        if matching_credential(self._login, current, main_only=True) is None:
            raise forms.ValidationError("This is not your present password.")
        return current

    def clean_new(self) -> str:
        """A password that can be used."""
        new: str = self.cleaned_data["new"]
        try:
            check_new_password(new)
        except PasswordRefused as error:
            raise forms.ValidationError(str(error)) from None
        return new

    def clean_again(self) -> str:
        """Twice the same."""
        again: str = self.cleaned_data["again"]
        if "new" in self.cleaned_data and again != self.cleaned_data["new"]:
            raise forms.ValidationError("The two new passwords differ. Type the new one again.")
        return again
