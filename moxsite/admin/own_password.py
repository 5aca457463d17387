"""Changing the password of a login that has no account page."""

from django.contrib import admin, messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from mail.identity.passwords import set_main_password
from moxsite.pages.access import own_login
from moxsite.pages.password_form import PASSWORD_CHANGED, PasswordForm


def own_password(site: admin.AdminSite, request: HttpRequest) -> HttpResponse:
    """The form, and what it does. This session goes on, all others of the login end."""
    login = own_login(request)
    form = PasswordForm(login, request.POST if request.method == "POST" else None)
    if form.is_valid():
        set_main_password(login, form.cleaned_data["new"])
        update_session_auth_hash(request, login)
        messages.success(request, PASSWORD_CHANGED)
        return redirect("admin:index")
    context = {**site.each_context(request), "title": "Change your password", "form": form}
    return TemplateResponse(request, "admin/own_password.html", context, status=422 if form.is_bound else 200)
