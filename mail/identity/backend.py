"""Logging in to the pages."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from mail.identity.finding import find_login
from mail.identity.passwords import matching_credential, spend_as_if_checking
from mail.models import Login


class LoginBackend(BaseBackend):
    """Checks user name and main password. App passwords are for mail programs and open no pages.

    The user name is that of the login or any address of its account. An unknown one takes as long as a
    wrong password.
    """

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> Login | None:
        """The login, or None for a wrong name or password and for a login that is disabled."""
        if not username or not password:
            return None
        login = find_login(username)
        if login is None:
            spend_as_if_checking(username, password)
            return None
        matches = matching_credential(login, password, main_only=True) is not None
        return login if matches and may_log_in(login) else None

    def get_user(self, user_id: Any) -> Login | None:
        """The login of a session; None once it is disabled, which ends the session."""
        login = Login.objects.select_related("account").filter(pk=user_id).first()
        return login if login is not None and may_log_in(login) else None


def may_log_in(login: Login) -> bool:
    """Whether the login is enabled, and its account, if it has one, not closed for logins."""
    return login.is_active and not (login.account and login.account.login_disabled)
