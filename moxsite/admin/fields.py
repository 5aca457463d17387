"""Form fields for what Django has none: lists of words, moments, things found by their name."""

import re
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db import models

from mail.models.fields import StringListField

_BETWEEN: Final = re.compile(r"[\s,;]+")


class WordList(forms.CharField):
    """A list of words without blanks in a text field, divided by commas, blanks or line ends."""

    def __init__(self, *, encoder: Any = None, decoder: Any = None, **options: Any) -> None:
        options.setdefault("widget", forms.TextInput(attrs={"class": "word-list"}))
        super().__init__(**options)

    def prepare_value(self, value: Any) -> Any:
        """The words with a comma and a blank between them."""
        return ", ".join(value) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> Any:
        """The words, each once, in the order they were typed."""
        if isinstance(value, list | tuple):
            return list(value)
        return list(dict.fromkeys(word for word in _BETWEEN.split(value or "") if word))

    def validate(self, value: Any) -> None:
        """Refuse an empty list where one is needed."""
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")

    def run_validators(self, value: Any) -> None:
        """The model knows what the words must be."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the words differ, however they are divided."""
        return bool(list(initial or []) != self.to_python(data))


class NamedChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A row that is chosen by typing its name: a list to choose from would be too long."""

    def __init__(self, queryset: models.QuerySet[Any], **options: Any) -> None:
        options.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off"}))
        super().__init__(queryset, to_field_name="name", **options)
        self.error_messages["invalid_choice"] = "There is nothing with this name."

    def prepare_value(self, value: Any) -> Any:
        """The name, also of a row given by its primary key."""
        if isinstance(value, int):
            assert self.queryset is not None
            return self.queryset.filter(pk=value).values_list("name", flat=True).first()
        return super().prepare_value(value)

    def to_python(self, value: Any) -> Any:
        """The row with this name, in any case."""
        return super().to_python(value.strip().lower() if isinstance(value, str) else value)


FIELD_OVERRIDES: "Final[dict[type[models.Field[Any, Any]], dict[str, Any]]]" = {
    StringListField: {"form_class": WordList}
}
"""For `formfield_overrides`."""
