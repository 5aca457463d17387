"""The form of a transport, made for its kind."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from delivery.models import Transport
from moxsite.admin.transport_fields import KIND_FORMS, KindForm


class TransportForm(forms.ModelForm):  # type: ignore[type-arg]
    """Name, kind and password; the fields of the kind are added by `transport_form`."""

    kind_form: KindForm
    kind = forms.CharField(required=False, widget=forms.HiddenInput)
    password = forms.CharField(
        label="Password",
        required=False,
        strip=False,
        max_length=1024,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    remove_password = forms.BooleanField(
        label="remove the password", required=False, help_text="Log in with none from now on."
    )

    class Meta:
        model = Transport
        fields = ("name",)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        unchanged = (self.instance.kind or "direct") == self.kind_form.name and self.instance.pk is not None
        self.initial["kind"] = self.instance.kind if unchanged else self.kind_form.name
        for name in self.kind_form.fields:
            if name in self.instance.settings:
                self.initial[name] = self.instance.settings[name]
        if "password" in self.fields:
            stored = "There is one; empty keeps it." if self.instance.has_password else "There is none yet."
            self.fields["password"].help_text = f"Kept encrypted and never shown. {stored}"

    def clean(self) -> dict[str, Any]:
        """Put the settings together; the model checks them."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self.instance.settings = self._settings(cleaned)
        if cleaned.get("password"):
            self.instance.set_password(cleaned["password"])
        elif cleaned.get("remove_password") or (
            self.instance.has_password and not self.kind_form.has_password
        ):
            self.instance.set_password("")
        return cleaned

    def _password_is_useless(self) -> bool:
        return self.instance.has_password and not self.kind_form.has_password

    def _settings(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        """What differs from the defaults, and what the kind of the row has beside the fields of this form."""
        same_kind = (self.instance.kind or "direct") == self.kind_form.name
        settings = dict(self.instance.settings) if same_kind else {}
        for name, field in self.kind_form.fields.items():
            value = cleaned.get(name)
            settings.pop(name, None)
            if value not in (None, "", []) and value != (field.initial or False):
                settings[name] = value
        self.instance.kind = cleaned.get("kind", "")
        return settings

    def _get_validation_exclusions(self) -> set[str]:
        """Kind and settings are made from other fields; they are validated all the same."""
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded - {"kind", "settings"}

    def add_error(self, field: str | None, error: Any) -> None:
        """What the model says about one of the settings stands beside its field."""
        if field is None and isinstance(error, ValidationError):
            error = ValidationError(self._placed(error.update_error_dict({})))
        super().add_error(field, error)

    def _placed(self, found: dict[str, Any]) -> dict[str, list[Any]]:
        placed: dict[str, list[Any]] = {}
        for name, errors in found.items():
            for message in (message for error in errors for message in error.messages):
                setting, _, text = message.partition(": ") if name == "settings" else (name, "", message)
                if setting in self.fields:
                    label = self.fields[setting].label
                    placed.setdefault(setting, []).append(
                        f"{label} {text}." if name == "settings" else message
                    )
                else:
                    placed.setdefault(NON_FIELD_ERRORS, []).append(message)
        return placed


def transport_form(kind: str, *, has_password: bool) -> type[TransportForm]:
    """The form for a kind. `has_password`: there is one that could be removed."""
    kind_form = KIND_FORMS[kind or "direct"]
    members: dict[str, Any] = {"kind_form": kind_form, **kind_form.fields}
    if not kind_form.has_password:
        members["password"] = None
    if not kind_form.has_password or not has_password:
        members["remove_password"] = None
    return type("TransportForm", (TransportForm,), members)
