"""What the ways for content to come in have in common: pace, limits, and the spool it goes to."""

from collections.abc import Callable

from delivery.smtp.server.backend import Spool
from delivery.smtp.server.faults import PeerTimeout
from delivery.smtp.server.limits import Limits
from delivery.smtp.server.line_ends import LineEndWatch
from delivery.smtp.server.pace import Pace
from delivery.smtp.server.stream import PeerStream
from mail.errors import MailError
from mail.line_ends import with_crlf


class Intake:
    """One message on its way into its spool.

    What is refused on its way is read to its end all the same, because the client listens only then:
    `refusal` says why. `normalise` turns bare CR and LF into CR LF; otherwise they are a reason for
    refusing (they are how messages are smuggled into others). `internal_error` makes the refusal for an
    unexpected exception of the spool. Without a spool there is a refusal from the start.
    """

    def __init__(
        self,
        stream: PeerStream,
        spool: Spool | None,
        limits: Limits,
        *,
        normalise: bool,
        internal_error: Callable[[], MailError],
        refusal: MailError | None = None,
    ) -> None:
        self._stream = stream
        self._spool = spool
        self._limit = limits.message_size
        self._normalise = normalise
        self._internal_error = internal_error
        self.size = 0
        self.refusal = refusal
        self._pace = Pace(
            stream.loop.time(),
            silence=limits.data_timeout,
            minimum_rate=limits.minimum_rate,
            period=limits.rate_period,
        )

    def is_flood(self, size: int) -> bool:
        """Whether so many bytes are so far beyond the limit that reading them makes no sense."""
        return size > 2 * self._limit

    @property
    def too_large(self) -> MailError:
        """The refusal of a message beyond the limit (RFC 1870 section 6.3)."""
        return MailError(552, "5.3.4", f"the message is larger than {self._limit} bytes")

    async def read(self, most: int | None = None) -> bytes:
        """What has arrived, at least one byte and at most `most`. Raises SessionFault."""
        loop = self._stream.loop
        while True:
            try:
                data = await self._stream.content(self._pace.deadline(), most)
            except PeerTimeout:
                if self._pace.is_too_slow(loop.time()):
                    raise
                continue
            now = loop.time()
            self._pace.arrived(len(data), now)
            if self._pace.is_too_slow(now):
                raise PeerTimeout
            return data

    def count(self, size: int) -> None:
        """So many bytes of content came. They may be too many."""
        self.size += size
        if self.size > self._limit:
            self.refuse(self.too_large)

    async def store(self, content: bytes, line_ends: LineEndWatch) -> None:
        """Give content to the spool; `line_ends` has seen it."""
        if self.refusal is not None or self._spool is None or not content:
            return
        if self._normalise:
            if line_ends.bare_cr or line_ends.bare_lf:
                content = with_crlf(content)
        elif line_ends.bare_cr or line_ends.bare_lf:
            sign = "LF without CR" if line_ends.bare_lf else "CR without LF"
            self.refuse(MailError(550, "5.6.0", f"the message has a line ending with {sign}"))
            return
        try:
            waiting = self._spool.write(content)
            if waiting is not None:
                self._stream.hold()
                started = self._stream.loop.time()
                await waiting
                self._pace.held_back(self._stream.loop.time() - started)
        except MailError as error:
            self.refuse(error)
        except Exception:
            self.refuse(self._internal_error())

    def refuse(self, error: MailError) -> None:
        """Store no more of it."""
        if self.refusal is None:
            self.abort()
            self.refusal = error

    def abort(self) -> None:
        """Nobody wants it any more."""
        if self.refusal is None and self._spool is not None:
            self._spool.abort()
            self._spool = None
