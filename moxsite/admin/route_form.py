"""The form of a route, on the page of the global ones and within domains and accounts."""

from typing import Any

from django import forms

from delivery.models import Route
from moxsite.admin.fields import WordList
from moxsite.admin.route_order import next_position

_HELP = {field.name: field.help_text for field in Route._meta.fields}


class RouteForm(forms.ModelForm):  # type: ignore[type-arg]
    """A route; its place in the order is changed by moving it."""

    from_domains = WordList(label="From domains", required=False)
    to_domains = WordList(label="To domains", required=False)

    class Meta:
        model = Route
        fields = ("from_domains", "to_domains", "minimum_attempts", "transport")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("from_domains", "to_domains"):
            self.fields[name].help_text = _HELP[name]

    def save(self, commit: bool = True) -> Route:
        """A new route stands behind the others until it is moved."""
        if self.instance.pk is None:
            self.instance.position = next_position(self.instance)
        saved: Route = super().save(commit)
        return saved
