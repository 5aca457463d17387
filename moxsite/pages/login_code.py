"""The second step of logging in: the code."""

from django import forms
from django.contrib.auth import login as log_in
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from mail.guard.attempts import Protocol
from mail.guard.guard import guard
from mail.guard.held_back import HeldBack
from mail.guard.trying import Trying
from moxsite.pages.client_address import client_address
from moxsite.pages.pausing import pause
from moxsite.second_factor.factors import check, factor_of
from moxsite.second_factor.pending import Pending, forget, pending

MECHANISM = "code"
_BACKEND = "mail.identity.backend.LoginBackend"


class CodeForm(forms.Form):
    """A code of the app, or a recovery code."""

    code = forms.CharField(
        label="Code",
        max_length=40,
        help_text="Six digits from your authenticator app, or one of your recovery codes.",
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "autocapitalize": "none"}
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def login_code(request: HttpRequest) -> HttpResponse:
    """The form. Wrong codes count like wrong passwords."""
    waiting = pending(request)
    if waiting is None:
        forget(request)
        return redirect("login")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _page(request, form, 422 if form.is_bound else 200)
    trying = Trying(guard(), client_address(request), Protocol.WEB, MECHANISM, waiting.login.name)
    try:
        trying.check()
    except HeldBack as held:
        form.add_error(
            None, f"Too many log-ins have failed here or for this name. Try again in {held.wait_text}."
        )
        response = _page(request, form, 429)
        response.headers["Retry-After"] = str(held.wait)
        return response
    if not _is_right(waiting, form.cleaned_data["code"]):
        pause(trying.failed())
        form.add_error(
            "code", "This code is not right. Codes change every half minute, and each is good once."
        )
        return _page(request, form, 422)
    trying.succeeded()
    log_in(request, waiting.login, _BACKEND)
    forget(request)
    return redirect(waiting.to)


def _is_right(waiting: Pending, code: str) -> bool:
    factor = factor_of(waiting.login)
    return factor is None or check(factor, code)  # it was turned off between the two steps


def _page(request: HttpRequest, form: CodeForm, status: int) -> HttpResponse:
    return render(request, "login_code.html", {"form": form}, status=status)
