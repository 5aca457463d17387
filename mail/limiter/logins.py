"""Holding back those who guess passwords."""

from typing import Final

from mail.clock import DAY, HOUR, MINUTE, Moment
from mail.limiter.clients import Client
from mail.limiter.counts import Counts
from mail.limiter.delays import after_failures
from mail.limiter.rates import Rate
from mail.limiter.window import Window

FAILURES: Final = Rate(
    "login",
    (Window(10 * MINUTE, 10), Window(DAY, 100)),
    (Window(10 * MINUTE, 50), Window(DAY, 500)),
)
ACCOUNT: Final = "login account"
ACCOUNT_WINDOWS: Final = (Window(HOUR, 50),)


class LoginLimiter:
    """Counts failed log-ins for each client, its network, and the account they were for.

    The account is whatever names it always in the same way; names that nobody has are counted too, so that
    the limit tells nothing about who exists.
    """

    def __init__(self, counts: Counts) -> None:
        self._counts = counts

    def client_opens(self, client: Client, now: Moment) -> Moment:
        """From when on the client may try again, as far as its own failures go."""
        if client.is_local:
            return now
        return self._counts.opens(FAILURES.kind, client.name, FAILURES.client, now)

    def others_open(self, client: Client, account: str, now: Moment) -> Moment:
        """From when on the failures of others allow it: for the account, and in the client's network."""
        account_opens = self._counts.opens(ACCOUNT, account, ACCOUNT_WINDOWS, now)
        if client.is_local:
            return account_opens
        network = self._counts.opens(FAILURES.kind, client.network, FAILURES.network, now)
        return max(account_opens, network)

    def failed(self, client: Client, account: str, now: Moment) -> None:
        """A password was wrong."""
        FAILURES.add(self._counts, client, now)
        self._counts.add(ACCOUNT, account, ACCOUNT_WINDOWS, now)

    def succeeded(self, client: Client, now: Moment) -> None:
        """A password was right: earlier failures of the client were slips."""
        self._counts.forget(FAILURES.kind, client.name, FAILURES.client, now)

    def delay(self, client: Client, account: str, now: Moment) -> float:
        """Seconds before the failure that was counted last is told."""
        failures = max(self._counts.estimate(ACCOUNT, account, ACCOUNT_WINDOWS[0], now), 1)
        if not client.is_local:
            own = self._counts.estimate(FAILURES.kind, client.name, FAILURES.client[0], now)
            failures = max(failures, own)
        return after_failures(failures)
