"""The form that asks what an app password is for."""

from typing import Any

from django import forms


class AppPasswordForm(forms.Form):
    """What the password is for; the password itself is drawn."""

    label = forms.CharField(
        label="Program or device",
        max_length=100,
        help_text="Such as “Thunderbird on my laptop”. You see the password once, on the next page.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("auto_id", "app_%s")
        super().__init__(*args, **options)
