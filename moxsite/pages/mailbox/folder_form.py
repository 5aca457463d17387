"""The form of a mailbox."""

from typing import Any

from django import forms

from mail.configuration.rules.mailboxes import LONGEST
from mail.models import SpecialUse

_USES = [
    ("", "nothing special"),
    *((use.value, use.label) for use in SpecialUse if use not in (SpecialUse.NONE, SpecialUse.INBOX)),
]


class MailboxForm(forms.Form):
    """Name, what the mailbox is for, and whether mail programs show it."""

    name = forms.CharField(
        max_length=LONGEST,
        help_text="“/” puts it inside another one: Projects/2026.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    special_use = forms.ChoiceField(
        label="Used for",
        choices=_USES,
        required=False,
        help_text="One mailbox for each use; the one that has it now loses it.",
    )
    subscribed = forms.BooleanField(
        label="Subscribed", required=False, help_text="Mail programs show it in their list."
    )

    def __init__(self, *args: Any, inbox: bool = False, **options: Any) -> None:
        options.setdefault("auto_id", "mailbox_%s")
        super().__init__(*args, **options)
        if inbox:
            del self.fields["name"], self.fields["special_use"]
