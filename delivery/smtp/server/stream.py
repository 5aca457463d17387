"""The bytes of one session: command lines and content in, replies out, one timer."""

import asyncio

from delivery.smtp.server.faults import LineRefused, PeerGone, PeerTimeout
from mail.process.deadline import Deadline

_READ_AHEAD = 64 * 1024
"""Unread input beyond which nothing more is read from the network."""

_WRITE_AHEAD = 32 * 1024
"""Replies that are collected before they are sent in any case."""


class PeerStream:
    """Input waits here until it is asked for; replies are sent together when there is no more input.

    One task reads. Deadlines are moments of `loop.time()`.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.transport: asyncio.Transport | None = None
        self._input = b""
        self._position = 0
        self._ended = False
        self._interruption: Exception | None = None
        self._outgoing: list[bytes] = []
        self._outgoing_size = 0
        self._reading_paused = False
        self._writing_paused = False
        self._waiter: asyncio.Future[None] | None = None
        self._deadline = Deadline(loop, self._late)

    # From the transport

    def connect(self, transport: asyncio.Transport) -> None:
        """Start, or go on under TLS; what came before belongs to nobody."""
        self.transport = transport
        self._input = b""
        self._position = 0
        self._reading_paused = False
        self._writing_paused = False

    def feed(self, data: bytes) -> None:
        """Input arrived."""
        self._input = self._input[self._position :] + data if self._position < len(self._input) else data
        self._position = 0
        if len(self._input) > _READ_AHEAD:
            self.hold()
        self._wake()

    def end(self) -> None:
        """No more input will come."""
        self._ended = True
        self._wake()

    def lose(self) -> None:
        """The connection is gone."""
        self.transport = None
        self._deadline.end()
        self.end()

    def set_writing_paused(self, paused: bool) -> None:
        """The peer does not take our replies, or does again."""
        self._writing_paused = paused
        if not paused:
            self._wake()

    # For the session

    async def line(self, longest: int, seconds: float, *, too_long: str = "5.5.2") -> bytes:
        """The next line without its CR LF.

        Raises LineRefused for a line that is too long (with the enhanced code `too_long`) or ends with LF
        alone, after it was read to its end; PeerTimeout when it is not complete in time; PeerGone; and
        what `interrupt` was given.
        """
        deadline = self.loop.time() + seconds
        searched = 0
        while True:
            end = self._input.find(b"\n", self._position + searched)
            if end >= 0:
                break
            # What was looked through once is not looked through again.
            searched = len(self._input) - self._position
            if searched > longest:
                start = self._input[self._position : self._position + longest]
                await self._skip_line(deadline)
                raise LineRefused(start, too_long, "line too long")
            await self._wait(deadline)
        line = self._input[self._position : end]
        self._position = end + 1
        if self._outgoing_size > _WRITE_AHEAD:
            await self._drain(deadline)
        if len(line) > longest:
            raise LineRefused(line[:longest], too_long, "line too long")
        if not line.endswith(b"\r"):
            raise LineRefused(line, "5.5.2", "lines end with CR LF")
        return line[:-1]

    async def content(self, deadline: float, most: int | None = None) -> bytes:
        """Everything that has arrived, at least one byte, at most `most`. Raises as `line` does."""
        while not self.has_input:
            await self._wait(deadline)
        return self.take(most)

    def take(self, most: int | None = None) -> bytes:
        """Everything that has arrived and was not read, or the first `most` bytes of it."""
        start = self._position
        if most is not None and most < len(self._input) - start:
            # The rest stays where it is: many small chunks may be waiting.
            self._position += most
            return self._input[start : self._position]
        data = self._input[start:] if start else self._input
        self._input = b""
        self._position = 0
        return data

    def put_back(self, data: bytes) -> None:
        """Content that was too much for `content`: it is read again before anything else."""
        self._input = data + self._input[self._position :]
        self._position = 0

    @property
    def has_input(self) -> bool:
        """Whether something has arrived that was not read yet."""
        return self._position < len(self._input)

    def hold(self) -> None:
        """Read nothing from the network until more input is asked for."""
        if not self._reading_paused and self.transport is not None:
            self._reading_paused = True
            self.transport.pause_reading()

    def write(self, data: bytes) -> None:
        """Add to the replies."""
        self._outgoing.append(data)
        self._outgoing_size += len(data)

    def flush(self) -> None:
        """Send the replies."""
        if self._outgoing:
            if self.transport is not None and not self.transport.is_closing():
                self.transport.write(b"".join(self._outgoing))
            self._outgoing.clear()
            self._outgoing_size = 0

    def interrupt(self, reason: Exception) -> None:
        """Let whoever waits for input, now or next, get this exception."""
        self._interruption = reason
        self._wake()

    async def _skip_line(self, deadline: float) -> None:
        while (end := self._input.find(b"\n", self._position)) < 0:
            self._position = len(self._input)
            await self._wait(deadline)
        self._position = end + 1

    async def _drain(self, deadline: float) -> None:
        self.flush()
        while self._writing_paused:
            await self._news(deadline)
            if self._interruption is not None:
                raise self._interruption

    async def _wait(self, deadline: float) -> None:
        """Until more input has arrived."""
        if self._position:
            self._input = self._input[self._position :]
            self._position = 0
        size = len(self._input)
        self.flush()
        if self._writing_paused:
            await self._drain(deadline)
        if self._reading_paused and self.transport is not None:
            self._reading_paused = False
            self.transport.resume_reading()
        while len(self._input) == size:
            await self._news(deadline)
            if self._interruption is not None:
                raise self._interruption

    def _news(self, deadline: float) -> "asyncio.Future[None]":
        """Done as soon as something happens; who has awaited it looks for an interruption."""
        if self._interruption is not None:
            raise self._interruption
        if self._ended:
            raise PeerGone
        self._waiter = waiter = self.loop.create_future()
        self._deadline.by(deadline)
        return waiter

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def _late(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(PeerTimeout())
