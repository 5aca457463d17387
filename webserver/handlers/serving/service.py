"""What the dispatcher asks of a handler."""

from collections.abc import Callable
from typing import Protocol

from webserver.edge.exchange import Exchange

Declined = Callable[[], None]
Answer = Callable[[Exchange], None]


class Service(Protocol):
    """A handler of the configuration in force, ready to take requests."""

    @property
    def answer(self) -> Answer | None:
        """What answers each request that the handler is asked for; None where it may decline some."""

    def take(self, exchange: Exchange, declined: Declined) -> bool:
        """Answer the exchange; False to decline it.

        Who can't say at once returns True, and calls `declined` later if need be, before any answer.
        """


def redirect(exchange: Exchange, status: int, location: str) -> None:
    """Send the client elsewhere. The location is percent-encoded."""
    exchange.respond(status, [(b"Location", location.encode("latin-1"))])
