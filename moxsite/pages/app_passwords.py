"""App passwords: one for each program or device, so that one can be taken away alone."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from mail.identity.passwords import PasswordRefused, add_app_password, revoke
from mail.models import Account, Credential
from moxsite.pages.access import account_page, own_login
from moxsite.pages.account import account_response
from moxsite.pages.app_password_form import AppPasswordForm
from moxsite.pages.connection import client_settings


@require_POST
@account_page
def add(request: HttpRequest, own: Account) -> HttpResponse:
    """Draw a password and show it, this once."""
    form = AppPasswordForm(request.POST)
    if not form.is_valid():
        return account_response(request, own, app_password_form=form)
    try:
        password = add_app_password(own_login(request), form.cleaned_data["label"])
    except PasswordRefused as error:
        form.add_error("label", str(error))
        return account_response(request, own, app_password_form=form)
    context = {"label": form.cleaned_data["label"], "password": password, "connect": client_settings(own)}
    return render(request, "pages/app_password.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@account_page
def remove(request: HttpRequest, own: Account, credential_id: int) -> HttpResponse:
    """Ask, then take the password away."""
    credential = own_login(request).credentials.filter(id=credential_id, kind=Credential.Kind.APP).first()
    if credential is None:
        raise Http404
    if request.method != "POST":
        return render(request, "pages/app_password_remove.html", {"credential": credential})
    revoke(credential)
    messages.success(request, f"The app password “{credential.label}” no longer works.")
    return redirect("account")
