"""Setting up a second factor, for every login: with an account, for the admin, or both."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from mail.identity.passwords import matching_credential
from mail.models import Login
from moxsite.models import SecondFactor
from moxsite.pages.access import own_login
from moxsite.pages.login_code import CodeForm
from moxsite.pages.qr import qr_svg
from moxsite.second_factor import totp
from moxsite.second_factor.factors import (
    begin,
    begun_factor,
    confirm,
    factor_of,
    is_required,
    recovery_codes_left,
    renew_recovery_codes,
    secret_of,
    turn_off,
)


class FirstCodeForm(CodeForm):
    """The code that shows that the app has the secret."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["code"].help_text = "Six digits. They change every half minute."


class PresentPassword(forms.Form):
    """Proves that it is not somebody at an unlocked screen."""

    current = forms.CharField(
        label="Present password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, login: Login, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._login = login

    def clean_current(self) -> str:
        """The password that the login page asks for."""
        current: str = self.cleaned_data["current"]
        if matching_credential(self._login, current, main_only=True) is None:
            raise forms.ValidationError("This is not your present password.")
        return current


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """The page, and what its buttons do."""
    login = own_login(request)
    action = request.POST.get("action", "")
    if action == "confirm":
        return _confirm(request, login)
    if action not in ("begin", "renew", "off"):
        return _page(request, login)
    form = PresentPassword(login, request.POST)
    if not form.is_valid():
        return _page(request, login, password_form=form)
    factor = factor_of(login)
    if action == "begin" and factor is None:
        begin(login)
    elif action == "renew" and factor is not None:
        return _codes(request, renew_recovery_codes(factor))
    elif action == "off" and turn_off(login, keep_session=request.session.session_key):
        messages.success(request, "From now on your password alone opens the pages.")
    return redirect("account-second-factor")


def _confirm(request: HttpRequest, login: Login) -> HttpResponse:
    factor, form = begun_factor(login), FirstCodeForm(request.POST)
    if factor is None:
        return redirect("account-second-factor")
    key = request.session.session_key
    codes = confirm(factor, form.cleaned_data["code"], keep_session=key) if form.is_valid() else None
    if codes is None:
        if not form.errors:
            form.add_error("code", "This code is not right. Is the clock of your device right?")
        return _page(request, login, code_form=form)
    return _codes(request, codes)


def _page(
    request: HttpRequest,
    login: Login,
    *,
    password_form: PresentPassword | None = None,
    code_form: FirstCodeForm | None = None,
) -> HttpResponse:
    factor, begun = factor_of(login), begun_factor(login)
    context: dict[str, Any] = {
        "factor": factor,
        "password_form": password_form or PresentPassword(login),
        "left": recovery_codes_left(factor) if factor is not None else 0,
        "is_required": is_required(login),
    }
    if factor is None and begun is not None:
        context |= {"begun": begun, "code_form": code_form or FirstCodeForm(), **_shown(login, begun)}
    refused = password_form is not None or code_form is not None
    return render(request, "pages/second_factor.html", context, status=422 if refused else 200)


def _shown(login: Login, begun: SecondFactor) -> dict[str, Any]:
    secret = secret_of(begun)
    uri = totp.provisioning_uri(secret, login.name, settings.MOXSITE_HOSTNAME)
    return {"secret": totp.secret_text(secret), "uri": uri, "qr": qr_svg(uri, "QR code for the app")}


def _codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """The only time that they are shown."""
    response = render(
        request, "pages/recovery_codes.html", {"codes": codes, "to_admin": request.user.is_staff}
    )
    response.headers["Cache-Control"] = "no-store"
    return response
