"""Form fields for the settings of kinds: of transports and of web handlers."""

from collections.abc import Callable
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError

from mail.kinds import fields as settings
from moxsite.admin.fields import WordList


class HeaderLines(forms.CharField):
    """A table of headers, one on each line, as “Name: value”."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}), **options)

    def prepare_value(self, value: Any) -> Any:
        """The lines of a table."""
        if isinstance(value, dict):
            return "\n".join(f"{name}: {text}" for name, text in value.items())
        return value

    def to_python(self, value: Any) -> Any:
        """The table of the lines."""
        found: dict[str, str] = {}
        for line in (value or "").splitlines():
            name, colon, text = line.partition(":")
            if not line.strip():
                continue
            if not colon:
                raise ValidationError(f"“{line.strip()}” is no header: write Name: value.")
            if name.strip() in found:
                raise ValidationError(f"{name.strip()} is there twice.")
            found[name.strip()] = text.strip()
        return found


def for_people(field: settings.Field) -> dict[str, Any]:
    """The options of a form field that people read."""
    return {"label": field.label, "help_text": field.help_text, "required": False}


def _text(field: settings.TextField) -> forms.Field:
    widget = forms.TextInput(attrs={"autocomplete": "off"})
    return forms.CharField(**for_people(field), max_length=field.longest, widget=widget)


def _number(field: settings.NumberField) -> forms.Field:
    return forms.IntegerField(**for_people(field), min_value=field.lowest, max_value=field.highest)


def _switch(field: settings.SwitchField) -> forms.Field:
    return forms.BooleanField(**for_people(field), initial=field.default)


def _choice(field: settings.ChoiceField) -> forms.Field:
    default = field.choices[0][0]
    coerce: Callable[[Any], Any] = int if isinstance(default, int) else str
    options: dict[str, Any] = {**for_people(field), "coerce": coerce, "empty_value": default}
    return forms.TypedChoiceField(choices=field.choices, **options)


MAKERS: Final[dict[type[settings.Field], Callable[[Any], forms.Field]]] = {
    settings.TextField: _text,
    settings.NumberField: _number,
    settings.SwitchField: _switch,
    settings.WordsField: lambda field: WordList(**for_people(field)),
    settings.ChoiceField: _choice,
    settings.HeadersField: lambda field: HeaderLines(**for_people(field)),
}
"""How a form field is made of a setting, by the class of the setting."""
