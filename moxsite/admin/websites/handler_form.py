"""The form of one web handler: what all have, and the settings of its kind."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms

from mail.addresses.domain import display_domain
from mail.kinds.fields import ChoiceField, Field
from moxsite.admin.fields import WordList
from moxsite.admin.kind_fields import MAKERS
from webserver.configuration.rules import read_handler
from webserver.configuration.saving import Entry
from webserver.configuration.values import HandlerValue
from webserver.handlers.forward.kind import URL, URLS
from webserver.handlers.kinds import KINDS
from webserver.passwords import password_problem

SETTING: Final = "s_"
"""In front of the names of fields that are settings of the kind."""

_TEXT: Final = {"autocomplete": "off", "spellcheck": "false"}

_ANSWERING: Final = ("enabled", "dont_redirect_plain_http", "compress")
_ADMISSION: Final = ("allow_networks", "rate_per_minute", "users", "password_for", "password")


class NewPassword(forms.TextInput):
    """A password that is made up for somebody else, never sent back."""

    def format_value(self, value: Any) -> None:
        """Nothing."""


class HandlerForm(forms.Form):
    """What all handlers have. `row` is the one it continues, `source` the one it was copied from."""

    kind_name: str
    row = forms.IntegerField(required=False, widget=forms.HiddenInput)
    source = forms.IntegerField(required=False, widget=forms.HiddenInput)
    kind = forms.CharField(widget=forms.HiddenInput)
    domain = forms.CharField(
        required=False,
        max_length=260,
        help_text="www.example.org, or *.example.org for all names of one more label.",
        widget=forms.TextInput(attrs=_TEXT),
    )
    path = forms.CharField(
        label="Path regexp",
        required=False,
        max_length=1000,
        help_text="Begins with ^ and need not match to the end: ^/ is every path.",
        widget=forms.TextInput(attrs=_TEXT),
    )
    name = forms.CharField(
        required=False,
        max_length=64,
        help_text="For logs and metrics. Empty: domain and path.",
        widget=forms.TextInput(attrs=_TEXT),
    )
    enabled = forms.BooleanField(label="In use", required=False, initial=True)
    dont_redirect_plain_http = forms.BooleanField(
        label="Answer plain http",
        required=False,
        help_text="Otherwise requests over plain http are redirected to https.",
    )
    compress = forms.BooleanField(required=False, help_text="Texts, for clients that accept it.")
    allow_networks = WordList(
        label="Only from networks",
        required=False,
        help_text="192.0.2.0/24, 2001:db8::/32. Others get 403. Empty: everybody.",
    )
    rate_per_minute = forms.IntegerField(
        label="Requests per minute",
        required=False,
        min_value=0,
        max_value=1_000_000,
        help_text="Of one address. Empty: no limit.",
    )
    users = WordList(
        label="Users", required=False, help_text="Who may come in with a password. Empty: everybody."
    )
    password_for = forms.CharField(
        label="New password of",
        required=False,
        max_length=100,
        help_text="Empty: of every user who has none yet.",
        widget=forms.TextInput(attrs=_TEXT),
    )
    password = forms.CharField(
        label="New password",
        required=False,
        strip=False,
        max_length=1024,
        widget=NewPassword(attrs={**_TEXT, "autocapitalize": "off"}),
        help_text="Seen while you type and never again: only what checks it is kept.",
    )

    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields as they are shown: which requests and what becomes of them, how, and for whom."""
        settings = [SETTING + field.name for field in KINDS[self.kind_name].fields]
        return [
            ("", [self[name] for name in ("domain", "path", "name", *settings)]),
            ("How it answers", [self[name] for name in _ANSWERING]),
            ("Who may come in", [self[name] for name in _ADMISSION]),
        ]

    def entry(self) -> Entry:
        """What is to be saved. Of use when the form is valid."""
        cleaned = self.cleaned_data
        value = HandlerValue(
            kind=self.kind_name,
            domain=cleaned.get("domain", ""),
            path=cleaned.get("path", ""),
            settings=self._settings(),
            name=cleaned.get("name", ""),
            disabled=not cleaned.get("enabled"),
            dont_redirect_plain_http=bool(cleaned.get("dont_redirect_plain_http")),
            compress=bool(cleaned.get("compress")),
            users=tuple(sorted(cleaned.get("users") or [])),
            allow_networks=tuple(cleaned.get("allow_networks") or []),
            rate_per_minute=cleaned.get("rate_per_minute") or 0,
        )
        passwords = self._passwords(value)
        return Entry(read_handler(value).value, passwords, cleaned.get("row"), cleaned.get("source"))

    def clean(self) -> dict[str, Any]:
        """Put what the rules say about the values beside their fields."""
        for problem in read_handler(self.entry().value, is_new=True).problems:
            name, is_setting = _place(problem.field)
            if name not in self.errors:
                shown = self.fields.get(name)
                text = f"{shown.label} {problem.message}." if is_setting and shown else problem.message
                self.add_error(name if shown else None, text)
        self._check_password()
        return self.cleaned_data

    def _check_password(self) -> None:
        password, user = self._typed_password()
        if user and user not in (self.cleaned_data.get("users") or []):
            self.add_error("password_for", f"{user} is none of the users.")
        if user and not password:
            self.add_error("password", f"Type the new password of {user}.")
        if password and (problem := password_problem(password)):
            self.add_error("password", problem)

    def _passwords(self, value: HandlerValue) -> Mapping[str, str]:
        """The new password, of the user who is named or of all (see checking: those who have one keep it)."""
        password, user = self._typed_password()
        if not password:
            return {}
        return {user: password} if user else dict.fromkeys(value.users, password)

    def _typed_password(self) -> tuple[str, str]:
        return self.cleaned_data.get("password", ""), self.cleaned_data.get("password_for", "").strip()

    def _settings(self) -> dict[str, Any]:
        """What differs from the defaults, as it stands in a configuration file."""
        found: dict[str, Any] = {}
        for field in KINDS[self.kind_name].fields:
            value = self.cleaned_data.get(SETTING + field.name)
            if value not in (None, "", [], {}, False, _default(field)):
                found[field.name] = value
        urls = found.get(URLS.name)
        if isinstance(urls, list) and len(urls) == 1:
            found[URL] = found.pop(URLS.name)[0]
        return found


def _place(field: str) -> tuple[str, bool]:
    """The name of the form’s field for one of the rules, and whether it is a setting of the kind."""
    setting = field.removeprefix("settings.")
    if setting == field:
        return field, False
    return SETTING + (URLS.name if setting == URL else setting), True


def _default(field: Field) -> int | None:
    """The number that needs not be kept."""
    value = field.choices[0][0] if isinstance(field, ChoiceField) else None
    return value if isinstance(value, int) else None


def _form(kind: str) -> type[HandlerForm]:
    settings = {SETTING + field.name: MAKERS[type(field)](field) for field in KINDS[kind].fields}
    return type("HandlerForm", (HandlerForm,), {**settings, "kind_name": kind})


FORMS: Final = {kind: _form(kind) for kind in KINDS}
"""By the name of the kind."""


def stored_values(value: HandlerValue, row: int | None) -> dict[str, Any]:
    """What the fields of a handler’s form show."""
    settings = dict(value.settings)
    if URL in settings:
        settings[URLS.name] = [settings.pop(URL)]
    return {
        **{SETTING + name: each for name, each in settings.items()},
        "row": row,
        "kind": value.kind,
        "domain": display_domain(value.domain),
        "path": value.path,
        "name": value.name,
        "enabled": not value.disabled,
        "dont_redirect_plain_http": value.dont_redirect_plain_http,
        "compress": value.compress,
        "allow_networks": list(value.allow_networks),
        "rate_per_minute": value.rate_per_minute or None,
        "users": list(value.users),
    }
