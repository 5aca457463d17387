"""Form fields for moments and durations, typed as on the command line."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from delivery.queue.when import NoTime, parse_duration, parse_moment
from mail import clock


class MomentInput(forms.CharField):
    """A moment: a duration from now, or a date and time in UTC. Empty: None."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off"}))
        super().__init__(**options)

    def clean(self, value: Any) -> Any:
        """The moment, which lies ahead."""
        typed = super().clean(value)
        if not typed:
            return None
        try:
            moment = parse_moment(typed, clock.now())
        except NoTime as error:
            raise ValidationError(f"{error}.") from None
        if moment < clock.now() - clock.MINUTE:
            raise ValidationError("This lies in the past.")
        return moment


class DurationInput(forms.CharField):
    """A duration, with a sign if need be. Empty: None."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off"}))
        super().__init__(**options)

    def clean(self, value: Any) -> Any:
        """Microseconds."""
        typed = super().clean(value)
        if not typed:
            return None
        try:
            return parse_duration(typed)
        except NoTime as error:
            raise ValidationError(f"{error}.") from None
