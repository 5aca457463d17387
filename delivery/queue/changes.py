"""Changes that people make to queued recipients, as values.

None of them touches an attempt that is under way: it completes, and what it finds is recorded. A recipient
that was dropped or given up meanwhile stays so; the attempt's own row then says what the server answered.
"""

from dataclasses import dataclass

from mail import clock
from mail.store.write import Write


@dataclass(frozen=True, slots=True)
class RetryNow:
    """Due at once. The attempts are not reset: an early one is one of those that a message has.

    What is held or being tried right now stays as it is.
    """


@dataclass(frozen=True, slots=True)
class MoveTo:
    """Due at a moment; what is being tried right now stays as it is. The expiry follows if need be."""

    moment: clock.Moment


@dataclass(frozen=True, slots=True)
class MoveBy:
    """Due by so many microseconds later, or earlier; otherwise like MoveTo."""

    duration: int


@dataclass(frozen=True, slots=True)
class Hold:
    """Not attempted until it is released, or until the moment given. An attempt under way completes."""

    reason: str = ""
    until: clock.Moment | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """Attempted again on its schedule; time on hold does not count against its life."""


@dataclass(frozen=True, slots=True)
class TakeTransport:
    """Sent by this transport from the next attempt on, whatever the routes say; "" follows the routes."""

    name: str


@dataclass(frozen=True, slots=True)
class DemandTls:
    """Sent with this TLS demand (delivery.models.TlsDemand) from the next attempt on."""

    demand: str


@dataclass(frozen=True, slots=True)
class Drop:
    """Gone without a word to the sender."""


Change = RetryNow | MoveTo | MoveBy | Hold | Release | TakeTransport | DemandTls | Drop


@dataclass(frozen=True, slots=True)
class ChangeRecipients(Write):
    """Change waiting recipients. `by` is the login that does it. Gives the ids of those that were changed.

    Raises LookupError for a transport that is not there.
    """

    ids: tuple[int, ...]
    change: Change
    by: str = ""
