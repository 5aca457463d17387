"""The limiter of this process, as SMTP and pages ask it."""

import threading

from mail import clock
from mail.guard.attempts import Attempt, AttemptLog
from mail.guard.sharing import Sharing
from mail.limiter.clients import Client
from mail.limiter.counts import Counts
from mail.limiter.logins import LoginLimiter
from mail.models import LoginAttempt

KNOWN_FOR = 30 * clock.DAY


class Guard:
    """Counts that all processes share (`counts`), those of this process alone (`own`), and log-in attempts.

    How often strangers come is counted in each process for itself: a row for every connection would cost
    more than the connection.
    """

    def __init__(self) -> None:
        self.counts = Counts()
        self.own = Counts()
        self.logins = LoginLimiter(self.counts)
        self.attempts = AttemptLog()
        self.sharing = Sharing(self.counts, self.attempts)

    def record(self, attempt: Attempt) -> None:
        """Let the attempt be written with the next ones."""
        self.attempts.add(attempt, clock.now())

    def knows(self, login_id: int, client: Client) -> bool:
        """Whether the login was used from there not long ago. Reads the database: not for event loops.

        Programs on this machine are not known: they stand for many people.
        """
        if client.is_local:
            return False
        return self.attempts.has_success(login_id, client.name) or (
            LoginAttempt.objects.filter(
                login_id=login_id,
                client=client.name,
                result=LoginAttempt.Result.OK,
                last__gte=clock.now() - KNOWN_FOR,
            ).exists()
        )


_guard: Guard | None = None
_starting = threading.Lock()


def guard() -> Guard:
    """The one of this process. The first call reads what was counted before, and starts its thread."""
    global _guard
    if _guard is None:
        with _starting:
            if _guard is None:
                made = Guard()
                made.sharing.start()
                _guard = made
    return _guard


def stop_guard() -> None:
    """Write what is pending and end the thread. A later `guard()` begins anew."""
    global _guard
    with _starting:
        if _guard is not None:
            _guard.sharing.stop()
            _guard = None
