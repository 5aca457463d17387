"""The account's own page: password, app passwords, addresses, settings for mail clients."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from mail.identity.passwords import set_main_password
from mail.models import Account, Credential
from moxsite.pages.access import account_page, own_login
from moxsite.pages.aliases import own_aliases
from moxsite.pages.app_password_form import AppPasswordForm
from moxsite.pages.connection import client_settings, profile_qr, settings_qr
from moxsite.pages.limits import account_limits
from moxsite.pages.log_ins import failures_today
from moxsite.pages.password_form import PASSWORD_CHANGED, PasswordForm
from moxsite.second_factor.factors import factor_of


@require_safe
@account_page
def account(request: HttpRequest, own: Account) -> HttpResponse:
    """The page as it is opened."""
    return account_response(request, own)


@require_POST
@account_page
def change_password(request: HttpRequest, own: Account) -> HttpResponse:
    """Set the new password; this session goes on, all others of the login end."""
    login = own_login(request)
    form = PasswordForm(login, request.POST)
    if not form.is_valid():
        return account_response(request, own, password_form=form)
    set_main_password(login, form.cleaned_data["new"])
    update_session_auth_hash(request, login)
    messages.success(request, PASSWORD_CHANGED)
    return redirect("account")


def account_response(
    request: HttpRequest,
    own: Account,
    *,
    password_form: PasswordForm | None = None,
    app_password_form: AppPasswordForm | None = None,
) -> HttpResponse:
    """The page, with the forms that were not accepted as they were sent."""
    login = own_login(request)
    refused = password_form is not None or app_password_form is not None
    connect = client_settings(own)
    context = {
        "account": own,
        "password_form": password_form or PasswordForm(login),
        "app_password_form": app_password_form or AppPasswordForm(),
        "app_passwords": login.credentials.filter(kind=Credential.Kind.APP),
        "failures": failures_today(login),
        "destinations": own.destinations.select_related("domain"),
        "aliases": own_aliases(own),
        "connect": connect,
        "limits": account_limits(own),
        "second_factor": factor_of(login),
        "connect_qr": settings_qr(connect),
        "profile_qr": profile_qr(connect),
    }
    return render(request, "pages/account.html", context, status=422 if refused else 200)
