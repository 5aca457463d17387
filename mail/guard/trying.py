"""One attempt to log in, from the question whether it may be made to what is noted of it."""

from mail import clock
from mail.guard.attempts import LONGEST_NAME, Attempt, Protocol, Result, printable
from mail.guard.guard import Guard
from mail.guard.held_back import HeldBack
from mail.identity.finding import find_login
from mail.limiter.clients import client_of

COUNTED = frozenset({Result.WRONG, Result.UNKNOWN})
"""Results that were guesses at a password."""


class Trying:
    """Somebody at `ip` tries to log in as `username`, over `protocol` by `mechanism`."""

    def __init__(self, guard: Guard, ip: str, protocol: Protocol, mechanism: str, username: str) -> None:
        self._guard = guard
        self._ip = ip
        self._client = client_of(ip)
        self._protocol = protocol
        self._mechanism = mechanism
        self._name = printable(username)
        self._username = username
        self._login_id: int | None = None

    def check_client(self) -> None:
        """Raises HeldBack, and notes it, when the client has failed too often. Never waits."""
        self._refuse_until(self._guard.logins.client_opens(self._client, clock.now()))

    def check(self) -> None:
        """Raises HeldBack, and notes it, when the client, its network or the account have failed too often.

        What others do to an account does not keep out those who used it lately from where they are. Reads
        the database: not for event loops.
        """
        self.check_client()
        login = find_login(self._username)
        self._login_id = login.pk if login is not None else None
        now = clock.now()
        opens = self._guard.logins.others_open(self._client, self._account, now)
        if opens > now and not (login is not None and self._guard.knows(login.pk, self._client)):
            self._refuse_until(opens)

    def succeeded(self, password: str = "") -> None:
        """It was right. `password` is the label of the app password."""
        self._guard.logins.succeeded(self._client, clock.now())
        self._record(Result.OK, password)

    def failed(self, result: Result | None = None) -> float:
        """It was not; a wrong password unless said otherwise. Gives for how many seconds to keep quiet."""
        if result is None:
            result = Result.WRONG if self._login_id is not None else Result.UNKNOWN
        now = clock.now()
        if result in COUNTED:
            self._guard.logins.failed(self._client, self._account, now)
        self._record(result)
        return self._guard.logins.delay(self._client, self._account, now)

    @property
    def _account(self) -> str:
        """One name for all names of an account."""
        if self._login_id is not None:
            return f"login {self._login_id}"
        return f"name {self._name.casefold()}"[:LONGEST_NAME]

    def _refuse_until(self, opens: clock.Moment) -> None:
        if opens > clock.now():
            self._record(Result.THROTTLED)
            raise HeldBack(opens)

    def _record(self, result: Result, password: str = "") -> None:
        attempt = Attempt(
            self._name, self._login_id, self._ip, self._protocol, self._mechanism, result, password
        )
        self._guard.record(attempt)
