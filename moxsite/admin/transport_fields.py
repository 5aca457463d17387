"""The form fields of each kind of transport. Their names are those of the settings."""

from dataclasses import dataclass
from typing import Final

from django import forms

from mail.sasl.choice import CLIENT_MECHANISMS
from moxsite.admin.fields import WordList

_PORTS: Final = {"smtp": 25, "submission": 587, "submissions": 465}


@dataclass(frozen=True, slots=True)
class KindForm:
    """A kind of transport for people: what it does, and the fields of its settings.

    A field whose value is the initial one is left out of the settings, so that they hold what was decided.
    """

    name: str
    purpose: str
    fields: dict[str, forms.Field]
    has_password: bool = False


def _text(label: str, help_text: str, length: int = 255) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(label=label, help_text=help_text, required=False, max_length=length, widget=widget)


def _switch(label: str, help_text: str, initial: bool = False) -> forms.BooleanField:
    return forms.BooleanField(label=label, help_text=help_text, required=False, initial=initial)


def _relay(kind: str, *, immediate_tls: bool) -> dict[str, forms.Field]:
    fields: dict[str, forms.Field] = {
        "host": _text("Host", "Name of the relay, such as smtp.relay.example. Empty if there are several."),
        "hosts": WordList(
            label="Hosts",
            required=False,
            help_text="Several relays, tried in this order: a.relay.example, b.relay.example:2525.",
        ),
        "port": forms.IntegerField(
            label="Port", required=False, min_value=1, max_value=65535, help_text=f"Empty: {_PORTS[kind]}."
        ),
        "username": _text("User name", "Empty: no login."),
        "mechanisms": WordList(
            label="Login methods",
            required=False,
            help_text="In the order of preference. Empty: all, the strongest first, PLAIN and LOGIN only "
            f"over TLS; naming those two allows them in clear text. Known: {', '.join(CLIENT_MECHANISMS)}.",
        ),
    }
    if not immediate_tls:
        fields["no_starttls"] = _switch(
            "without TLS",
            "Never encrypt, not even when the relay offers it. Only for relays on your own network.",
        )
        fields["tls_skip_verify"] = _switch(
            "any certificate",
            "Encrypt, but accept a certificate that can't be verified. Somebody in between can read.",
        )
    return fields


_KINDS: Final = (
    KindForm(
        "direct",
        "To the mail servers of the recipient’s domain, as when no route matches.",
        {
            "ipv4": _switch("IPv4", "Connect over IPv4.", initial=True),
            "ipv6": _switch("IPv6", "Connect over IPv6.", initial=True),
        },
    ),
    KindForm(
        "smtp",
        "To a relay on port 25, encrypted with STARTTLS, usually without login.",
        _relay("smtp", immediate_tls=False),
        has_password=True,
    ),
    KindForm(
        "submission",
        "To a relay on port 587, encrypted with STARTTLS, with a login.",
        _relay("submission", immediate_tls=False),
        has_password=True,
    ),
    KindForm(
        "submissions",
        "To a relay on port 465, encrypted from the start, with a login.",
        _relay("submissions", immediate_tls=True),
        has_password=True,
    ),
    KindForm(
        "fail",
        "To nobody: every attempt ends with a reply of yours.",
        {
            "smtp_code": forms.IntegerField(
                label="Reply code",
                required=False,
                min_value=400,
                max_value=599,
                help_text="4xx: tried again later. 5xx: given up at once. Empty: 554.",
            ),
            "smtp_message": _text("Reply text", "What the sender reads in the notice.", 256),
        },
    ),
)

KIND_FORMS: Final = {form.name: form for form in _KINDS}
"""By the name of the kind."""
