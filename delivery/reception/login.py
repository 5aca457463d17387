"""Checking the passwords that mail programs send."""

import asyncio
import logging
from typing import Final

from django.db import Error

from delivery.reception.identity import LoggedIn
from delivery.reception.indexing import on_thread
from mail.errors import MailError
from mail.identity.verify import verify_password

log = logging.getLogger(__name__)

CHECKS_AT_ONCE: Final = 2
"""Fewer than there are reader threads: a flood of log-ins leaves room for looking addresses up."""

_FIRST_DELAY: Final = 0.2
_LONGEST_DELAY: Final = 5.0


class PasswordChecks:
    """Checks passwords on threads, a few at a time."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(CHECKS_AT_ONCE)

    async def check(self, username: str, password: str) -> LoggedIn:
        """Who this is. Raises MailError: 535 5.7.8, or 454 4.7.0 when it can't be told now (RFC 4954)."""
        try:
            async with self._places:
                login = await on_thread(verify_password, username, password)
        except Error as error:
            text = "log-in is not possible at the moment, try again later"
            raise MailError(454, "4.7.0", text, cause=str(error)) from error
        if login is None:
            raise MailError(535, "5.7.8", "wrong user name or password")
        return LoggedIn(login.login_name, login.account_id, login.account_name)


def delay_after(failures: int) -> float:
    """Seconds to wait before telling that a log-in failed, given how many did in this connection."""
    return min(_FIRST_DELAY * 2.0 ** (failures - 1), _LONGEST_DELAY)
