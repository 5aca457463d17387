"""Addresses to which the account's mail is not sent any more, for the account's owner."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from delivery.queue.suppression_lists import SuppressionRefused, add_suppression
from mail.models import Account
from moxsite.pages.access import account_page


class SuppressionForm(forms.Form):
    """An address to put on the list, and why."""

    address = forms.CharField(
        label="Address",
        max_length=400,
        help_text="Other spellings of it are meant too: in upper case, with dots, with what follows + or -.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    reason = forms.CharField(
        label="Reason",
        required=False,
        max_length=400,
        help_text="For yourself.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@account_page
def suppressed(request: HttpRequest, own: Account) -> HttpResponse:
    """The list, and a form that adds to it."""
    form = SuppressionForm(request.POST if request.method == "POST" else None, auto_id="suppress_%s")
    if request.method == "POST" and form.is_valid():
        try:
            entry = add_suppression(own, form.cleaned_data["address"], form.cleaned_data["reason"])
        except SuppressionRefused as error:
            form.add_error("address", str(error))
        else:
            messages.success(request, f"Nothing is sent to {entry.address} any more.")
            return redirect("account-suppressed")
    context = {"entries": own.suppressions.all(), "form": form}
    return render(request, "pages/suppressed.html", context, status=422 if form.errors else 200)


@require_POST
@account_page
def remove(request: HttpRequest, own: Account, entry_id: int) -> HttpResponse:
    """Take an address from the list. Entries of other accounts are not found."""
    entry = own.suppressions.filter(pk=entry_id).first()
    if entry is None:
        raise Http404
    entry.delete()
    messages.success(request, f"Mail to {entry.address} is sent again.")
    return redirect("account-suppressed")
