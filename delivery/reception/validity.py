"""Whether who has logged in may still go on."""

from typing import Final

from django.db import Error

from delivery.reception.identity import LoggedIn
from delivery.reception.indexing import on_thread
from mail import clock
from mail.errors import MailError
from mail.models import Credential

SECONDS: Final = 1.0
"""A session looks at its login so often at most, and at the first command after that."""


class LoginValidity:
    """Follows the login of one session, whose password may be taken away or changed meanwhile."""

    def __init__(self) -> None:
        self._checked = clock.monotonic()

    async def check(self, login: LoggedIn) -> None:
        """Raises MailError: 421 4.7.0, after which the session has to end, or 451 when it can't be told."""
        if clock.monotonic() - self._checked < SECONDS:
            return
        try:
            valid = await on_thread(is_valid, login)
        except Error as error:
            raise MailError(451, "4.3.0", "try again later", cause=str(error)) from error
        if not valid:
            raise MailError(421, "4.7.0", "this login or its password was withdrawn, log in again")
        self._checked = clock.monotonic()


def is_valid(login: LoggedIn) -> bool:
    """Whether one could still log in like that. Reads the database: not for event loops."""
    return Credential.objects.filter(
        pk=login.credential_id,
        created__lte=login.since,
        login__is_active=True,
        login__account=login.account_id,
        login__account__login_disabled="",
    ).exists()
