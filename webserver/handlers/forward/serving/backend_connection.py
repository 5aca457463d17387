"""One connection with a backend. It serves one exchange at a time, and waits in the pool between them."""

import asyncio
from typing import TYPE_CHECKING, Protocol, cast

from mail.process.deadline import NEVER, Deadline
from webserver.edge.limits import WRITE_BUFFER

if TYPE_CHECKING:
    from webserver.handlers.forward.serving.pool import Pool


class User(Protocol):
    """Who uses the connection at present."""

    def backend_sent(self, data: bytes) -> None:
        """Bytes of the backend."""

    def backend_closed(self, error: Exception | None) -> None:
        """The connection is gone, or the backend sends no more."""

    def backend_slow(self) -> None:
        """The backend does not read."""

    def backend_ready(self) -> None:
        """The backend reads again."""

    def backend_silent(self) -> None:
        """Nothing came within the time that was given."""


class BackendConnection(asyncio.Protocol):
    """A connection; belongs to a pool."""

    __slots__ = (
        "_paused",
        "_pool",
        "deadline",
        "idle_since",
        "is_open",
        "transport",
        "used",
        "user",
    )

    def __init__(self, pool: "Pool", loop: asyncio.AbstractEventLoop) -> None:
        self._pool = pool
        self._paused = False
        self.deadline = Deadline(loop, self._is_late)
        """The user is told when it passes."""
        self.user: User | None = None
        self.used = False
        """Whether it has served an exchange before: then it may just be closing."""
        self.is_open = False
        self.idle_since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(high=WRITE_BUFFER)
        self.is_open = True

    def data_received(self, data: bytes) -> None:
        """Bytes; unasked for, the connection is of no more use."""
        if self.user is not None:
            self.user.backend_sent(data)
        else:
            self.close()

    def eof_received(self) -> bool:
        """It will send no more."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self.is_open = False
        self._pool.forget(self)
        self.deadline.end()
        user, self.user = self.user, None
        if user is not None:
            user.backend_closed(exc)

    def pause_writing(self) -> None:
        """The backend does not read."""
        if self.user is not None:
            self.user.backend_slow()

    def resume_writing(self) -> None:
        """The backend reads again."""
        if self.user is not None:
            self.user.backend_ready()

    def pause_reading(self) -> None:
        """Receive nothing for now."""
        self._paused = True
        self.transport.pause_reading()

    def resume_reading(self) -> None:
        """Receive again."""
        if self._paused:
            self._paused = False
            self.transport.resume_reading()

    def close(self) -> None:
        """End it, without telling the user."""
        self.user = None
        self.is_open = False
        self._pool.forget(self)
        self.deadline.end()
        self.transport.abort()

    def release(self) -> None:
        """Its exchange is over and it can serve another, though the client may not have read all of it."""
        if self._paused:
            self.resume_reading()
        self.user = None
        self.used = True
        self.deadline.at = NEVER
        self._pool.put(self)

    def _is_late(self) -> None:
        if self.user is not None:
            self.user.backend_silent()
