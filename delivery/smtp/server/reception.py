"""Receiving the content of one message into its spool."""

import logging
from collections.abc import Callable

from delivery.smtp.server.backend import Spool
from delivery.smtp.server.data import DataDecoder, normalise_line_ends
from delivery.smtp.server.faults import PeerTimeout
from delivery.smtp.server.limits import Limits
from delivery.smtp.server.pace import Pace
from delivery.smtp.server.stream import PeerStream
from mail.errors import MailError

log = logging.getLogger(__name__)

_TOO_LARGE = "5.3.4"


class Reception:
    """From 354 to the final dot.

    A message that is refused on its way is read to its end, because the client listens only then
    (RFC 5321 section 4.2.5). `normalise` turns bare CR and LF into CR LF; otherwise they are a reason for
    refusing (they are how messages are smuggled into others). `internal_error` makes the refusal for an
    unexpected exception of the spool.
    """

    def __init__(
        self,
        stream: PeerStream,
        spool: Spool,
        limits: Limits,
        *,
        normalise: bool,
        internal_error: Callable[[], MailError],
    ) -> None:
        self._stream = stream
        self._spool = spool
        self._limit = limits.message_size
        self._normalise = normalise
        self._internal_error = internal_error
        self._decoder = DataDecoder()
        self._size = 0
        self._refusal: MailError | None = None
        self._pace = Pace(
            stream.loop.time(),
            silence=limits.data_timeout,
            minimum_rate=limits.minimum_rate,
            period=limits.rate_period,
        )

    @property
    def is_flooded(self) -> bool:
        """Whether the client sent so much beyond the limit that reading on makes no sense."""
        return self._size > 2 * self._limit

    async def run(self) -> None:
        """Fill the spool; committing it is left to the caller.

        Raises MailError when the message is refused, and SessionFault when its end did not arrive. The
        spool is aborted whenever an exception leaves.
        """
        try:
            while not self._decoder.finished:
                await self._take(self._decoder.feed(await self._next()))
                if self.is_flooded:
                    break
        except BaseException:
            if self._refusal is None:
                self._spool.abort()
            raise
        if self._decoder.rest:
            self._stream.put_back(self._decoder.rest)
        if self._refusal is not None:
            raise self._refusal

    async def _next(self) -> bytes:
        loop = self._stream.loop
        while True:
            try:
                data = await self._stream.content(self._pace.deadline())
            except PeerTimeout:
                if self._pace.is_too_slow(loop.time()):
                    raise
                continue
            now = loop.time()
            self._pace.arrived(len(data), now)
            if self._pace.is_too_slow(now):
                raise PeerTimeout
            return data

    async def _take(self, content: bytes) -> None:
        self._size += len(content)
        if self._refusal is not None or not content:
            return
        if self._normalise:
            content = normalise_line_ends(content)
        try:
            self._check()
            waiting = self._spool.write(content)
            if waiting is not None:
                self._stream.hold()
                started = self._stream.loop.time()
                await waiting
                self._pace.held_back(self._stream.loop.time() - started)
        except MailError as error:
            self._refuse(error)
        except Exception:
            self._refuse(self._internal_error())

    def _check(self) -> None:
        if self._size > self._limit:
            raise MailError(552, _TOO_LARGE, f"the message is larger than {self._limit} bytes")
        if self._normalise or not (self._decoder.bare_cr or self._decoder.bare_lf):
            return
        sign = "LF without CR" if self._decoder.bare_lf else "CR without LF"
        raise MailError(550, "5.6.0", f"the message has a line ending with {sign}")

    def _refuse(self, error: MailError) -> None:
        self._refusal = error
        self._spool.abort()
