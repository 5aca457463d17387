"""What has to be said for an action on the queue."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from delivery.models import TlsDemand, Transport
from delivery.queue.changes import Change, DemandTls, Hold, MoveBy, MoveTo, TakeTransport
from moxsite.admin.moments import DurationInput, MomentInput


class ActionForm(forms.Form):
    """A form that says how recipients are changed."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "action_%s", **options})

    def change(self) -> Change:
        """The change, once the form is valid."""
        raise NotImplementedError


class RescheduleForm(ActionForm):
    """A moment, or a duration to shift by."""

    at = MomentInput(
        label="Next attempt at",
        required=False,
        help_text="From now, such as 30m or 2h, or a time in UTC such as 2026-11-30 08:00.",
    )
    by = DurationInput(
        label="Or shift it by",
        required=False,
        help_text="Later, such as 2h, or earlier, such as -30m. The schedule goes on from there.",
    )

    def clean(self) -> dict[str, Any]:
        """Exactly one of the two."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.errors and (cleaned.get("at") is None) == (cleaned.get("by") is None):
            raise ValidationError("Fill in one of the two.")
        return cleaned

    def change(self) -> Change:
        if self.cleaned_data["at"] is not None:
            return MoveTo(self.cleaned_data["at"])
        return MoveBy(self.cleaned_data["by"])


class HoldForm(ActionForm):
    """Why, and until when."""

    reason = forms.CharField(
        label="Reason",
        required=False,
        max_length=200,
        help_text="Shown with each recipient, also to the sender.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    until = MomentInput(
        label="Until",
        required=False,
        help_text="Released by itself: from now, such as 2d, or a time in UTC. Empty: until somebody does.",
    )

    def change(self) -> Change:
        return Hold(self.cleaned_data["reason"], self.cleaned_data["until"])


class TransportForm(ActionForm):
    """Which transport."""

    transport = forms.ModelChoiceField(
        Transport.objects.all(),
        required=False,
        empty_label="as the routes say",
        help_text="From the next attempt on, whatever the routes say.",
    )

    def change(self) -> Change:
        chosen = self.cleaned_data["transport"]
        return TakeTransport(chosen.name if chosen else "")


class TlsForm(ActionForm):
    """Which demand."""

    demand = forms.ChoiceField(label="TLS", choices=TlsDemand.choices, required=False)

    def change(self) -> Change:
        return DemandTls(self.cleaned_data["demand"])
