"""The form of each kind of transport, made from the fields that the kind itself names."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django import forms

from delivery.configuration.proxies import PROXY_KIND
from delivery.models import Transport
from delivery.transports import fields as settings
from delivery.transports.hosts_setting import shown_entry
from delivery.transports.kind import Kind
from delivery.transports.kinds import KINDS
from moxsite.admin.fields import WordList
from moxsite.admin.kind_fields import MAKERS, for_people

_WEIGHT: Final = "weight"


class HostList(WordList):
    """Hosts of a relay: "a.relay.example, b.relay.example:2525", each perhaps followed by "weight 3"."""

    def prepare_value(self, value: Any) -> Any:
        """The hosts with a comma and a blank between them."""
        return ", ".join(map(shown_entry, value)) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        """The entries of the setting. The kind knows what they must be, so that twice the same stays."""
        if isinstance(value, list | tuple):
            return list(value)
        words = (value or "").replace(",", " ").replace(";", " ").split()
        entries: list[Any] = []
        for position, word in enumerate(words):
            if word == _WEIGHT and entries:
                number = words[position + 1] if position + 1 < len(words) else ""
                weight = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else number
                entries[-1] = {"host": entries[-1], _WEIGHT: weight}
            elif position == 0 or words[position - 1] != _WEIGHT:
                entries.append(word)
        return entries


class ProxyChoice(forms.ChoiceField):
    """One of the transports that may be a proxy, or none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=_proxies, **options)


def _proxies() -> list[tuple[str, str]]:
    names = Transport.objects.filter(kind=PROXY_KIND).order_by("name").values_list("name", flat=True)
    return [("", "none"), *((name, name) for name in names)]


@dataclass(frozen=True, slots=True)
class KindForm:
    """A kind of transport for people, and the form fields of its settings in their order.

    A field whose value is the initial one is left out of the settings, so that they hold what was decided.
    The password, which is no setting, stands behind the field `password_after`.
    """

    name: str
    purpose: str
    advice: str
    fields: dict[str, forms.Field]
    has_password: bool
    password_after: str


_MAKERS: Final[dict[type[settings.Field], Callable[[Any], forms.Field]]] = {
    **MAKERS,
    settings.HostsField: lambda field: HostList(**for_people(field)),
    settings.ProxyField: lambda field: ProxyChoice(**for_people(field)),
}


def _form(kind: Kind) -> KindForm:
    shown = [field for field in kind.fields if not isinstance(field, settings.SecretField)]
    names = [field.name for field in kind.fields]
    secret = names.index(kind.secrets[0]) if kind.secrets else 0
    return KindForm(
        name=kind.name,
        purpose=kind.purpose,
        advice=kind.advice,
        fields={field.name: _MAKERS[type(field)](field) for field in shown},
        has_password=bool(kind.secrets),
        password_after=names[secret - 1] if secret else "",
    )


KIND_FORMS: Final = {name: _form(kind) for name, kind in KINDS.items()}
"""By the name of the kind."""
