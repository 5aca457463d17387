"""Logging in with an address or a login's name."""

from typing import Any, Final

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect

from mail.guard.attempts import Protocol
from mail.guard.guard import guard
from mail.guard.held_back import HeldBack
from mail.guard.trying import Trying
from moxsite.pages.client_address import client_address
from moxsite.pages.pausing import pause
from moxsite.second_factor.factors import factor_of
from moxsite.second_factor.pending import remember

_REFUSED: Final = (
    "Name and password do not belong together. Check both; capital letters count in the password."
)
_MECHANISM: Final = "password"


class LoginForm(AuthenticationForm):
    """Says the same whether the name, the password or the permission is missing: nobody learns who exists.

    The limiter that SMTP asks is asked first; `held` is what it said against trying now.
    """

    error_messages = {"invalid_login": _REFUSED, "inactive": _REFUSED}
    held: HeldBack | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        name = self.fields["username"]
        name.label = "Address or name"
        name.widget = forms.TextInput(
            attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True, "maxlength": 320}
        )
        assert isinstance(name, forms.CharField)
        name.max_length = 320

    def clean(self) -> dict[str, Any]:
        """Check name and password, unless too many were wrong. Every failure takes longer to be told."""
        name, request = self.cleaned_data.get("username"), self.request
        if not name or not self.cleaned_data.get("password") or request is None:
            return super().clean()
        trying = Trying(guard(), client_address(request), Protocol.WEB, _MECHANISM, name)
        try:
            trying.check()
        except HeldBack as held:
            self.held = held
            text = f"Too many log-ins have failed here or for this name. Try again in {held.wait_text}."
            raise ValidationError(text) from None
        try:
            cleaned = super().clean()
        except ValidationError:
            pause(trying.failed())
            raise
        if factor_of(self.get_user()) is None:
            trying.succeeded()  # with a second factor the code decides
        return cleaned


class LoginPage(LoginView):
    """The login of the account pages; the admin's leads here too."""

    template_name = "login.html"
    form_class = LoginForm
    redirect_authenticated_user = True

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """The page once more; with 429 (RFC 6585) and the time to wait when the limiter holds back."""
        response = super().form_invalid(form)
        held = form.held if isinstance(form, LoginForm) else None
        if held is not None:
            response.status_code = 429
            response.headers["Retry-After"] = str(held.wait)
        return response

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Log in; whoever has a second factor is asked for a code first."""
        login = form.get_user()
        if factor_of(login) is None:
            return super().form_valid(form)
        remember(self.request, login, self.get_success_url())
        return redirect("login-code")

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        """The context without Django's `site`, which would hide ours."""
        context: dict[str, Any] = super().get_context_data(**options)
        del context["site"]
        return context
