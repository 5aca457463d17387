"""Addresses of an account, as rows of its page."""

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpRequest

from mail.addresses.address import Catchall
from mail.addresses.domain import AddressError
from mail.addresses.parse import parse_destination
from mail.models import Destination, Domain
from moxsite.admin.base import ConfigurationInline


class DestinationForm(forms.ModelForm):  # type: ignore[type-arg]
    """A destination whose address is typed as people write it."""

    address = forms.CharField(
        label="Address",
        max_length=384,
        help_text="Such as alice@example.org. “@example.org” is the catchall: all that nobody else has.",
        widget=forms.TextInput(attrs={"class": "address", "autocomplete": "off"}),
    )

    class Meta:
        model = Destination
        fields = ("address", "mailbox", "smtp_error")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk is not None:
            self.initial["address"] = self.instance.address.display()
            self.fields["address"].initial = self.initial["address"]

    def clean_address(self) -> str:
        """Take the address apart into the domain, which must be one of this server, and the rest."""
        text: str = self.cleaned_data["address"]
        try:
            parsed = parse_destination(text)
        except AddressError as error:
            raise ValidationError(f"{str(error)[:1].upper()}{str(error)[1:]}.") from None
        domain = Domain.objects.filter(name=parsed.domain).first()
        if domain is None:
            raise ValidationError(
                f"{parsed.domain} is not a domain of this server. Add it under Domains first."
            )
        self.instance.domain = domain
        self.instance.is_catchall = isinstance(parsed, Catchall)
        self.instance.localpart = "" if isinstance(parsed, Catchall) else parsed.localpart
        return text

    def add_error(self, field: str | None, error: Any) -> None:
        """What the model says about the row as a whole is about its address."""
        if field is None and isinstance(error, ValidationError):
            found = error.update_error_dict({})
            error = ValidationError(
                {("address" if name == NON_FIELD_ERRORS else name): found[name] for name in found}
            )
        super().add_error(field, error)


class DestinationInline(ConfigurationInline):
    """The addresses of an account."""

    model = Destination
    form = DestinationForm
    verbose_name = "address"
    verbose_name_plural = "addresses"

    def get_formset(self, request: HttpRequest, obj: Any = None, **options: Any) -> Any:
        """The rows. Whether one may go is for the model to say, not for what refers to it."""
        formset = super().get_formset(request, obj, **options)
        formset.form = type(formset.form.__name__, (formset.form,), {"hand_clean_DELETE": _leave_to_model})
        return formset


def _leave_to_model(form: DestinationForm) -> None:
    """Django would refuse an address that is a member of an alias; it is taken out of the alias instead."""
