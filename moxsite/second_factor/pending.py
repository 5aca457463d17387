"""Between password and code: a session that knows whose password was right, and no more."""

from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest

from mail import clock
from mail.identity.backend import may_log_in
from mail.models import Login

_KEY: Final = "second_factor"
PATIENCE: Final = 10 * clock.MINUTE


@dataclass(frozen=True, slots=True)
class Pending:
    """Who has shown a password, and where to go after the code."""

    login: Login
    to: str


def remember(request: HttpRequest, login: Login, to: str) -> None:
    """The password was right."""
    request.session.cycle_key()
    request.session[_KEY] = {
        "login": login.pk,
        "password": login.get_session_auth_hash(),
        "since": clock.now(),
        "to": to,
    }


def pending(request: HttpRequest) -> Pending | None:
    """Who is to show a code. None when nobody is, or it took too long, or the password changed."""
    known = request.session.get(_KEY)
    if not isinstance(known, dict) or clock.now() - known["since"] > PATIENCE:
        return None
    login = Login.objects.select_related("account").filter(pk=known["login"]).first()
    if login is None or not may_log_in(login) or login.get_session_auth_hash() != known["password"]:
        return None
    return Pending(login, known["to"])


def forget(request: HttpRequest) -> None:
    """Begin with the password again."""
    request.session.pop(_KEY, None)
