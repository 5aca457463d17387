"""What is asked of those who bring mail without a login: not too often, and no trying of addresses."""

import asyncio
import logging

from delivery.smtp.server.backend import SessionInfo
from mail import clock
from mail.errors import MailError
from mail.guard.guard import Guard
from mail.limiter.clients import Client, client_of
from mail.limiter.delays import after_unknown_recipients
from mail.limiter.rates import CONNECTIONS, MESSAGES, UNKNOWN_RECIPIENTS

log = logging.getLogger(__name__)


class Stranger:
    """One session on port 25. Peers on this machine are never limited."""

    def __init__(self, guard: Guard, session: SessionInfo) -> None:
        self._guard = guard
        self._session = session
        self._client: Client = client_of(session.remote_address)
        self._unknown = 0

    def connected(self) -> None:
        """Raises MailError (421 4.7.0) when its network connects too often."""
        if not CONNECTIONS.take(self._guard.own, self._client, clock.now()):
            self._log("too many connections in a minute")
            raise MailError(421, "4.7.0", "too many connections in a short time, come back in a minute")

    def begins_message(self) -> None:
        """Raises MailError (451 4.7.0) when its network sends too much."""
        if not MESSAGES.take(self._guard.own, self._client, clock.now()):
            self._log("too many messages in a minute")
            raise MailError(451, "4.7.0", "too many messages in a short time, come back in a minute")

    def names_recipient(self) -> None:
        """Raises MailError (421 4.7.0) when its network has named too many that do not exist.

        Then it learns of no other one either, whether it exists or not.
        """
        if UNKNOWN_RECIPIENTS.opens(self._guard.counts, self._client, clock.now()) > clock.now():
            self._log("too many unknown recipients")
            raise MailError(421, "4.7.0", "too many recipients that do not exist, come back later")

    async def was_refused(self, error: MailError) -> None:
        """A recipient was refused; when it does not exist, each further one takes longer to be told."""
        if self._client.is_local or (error.public.code, error.public.enhanced) != (550, "5.1.1"):
            return
        self._unknown += 1
        UNKNOWN_RECIPIENTS.add(self._guard.counts, self._client, clock.now())
        await asyncio.sleep(after_unknown_recipients(self._unknown))

    def _log(self, what: str) -> None:
        log.info(what, extra={"fields": {"remote": self._session.remote_address}})
