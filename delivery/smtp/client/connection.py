"""One connection to an SMTP server: commands out, replies in, a deadline on every step."""

import asyncio
import os
from collections.abc import Sequence
from typing import cast

from delivery.metrics import COMMAND_SECONDS
from delivery.smtp.client.failure import DeliveryFailure, Stage, local_failure
from delivery.smtp.client.transcript import Transcript
from delivery.smtp.replies import ReplyReader, ReplySyntaxError
from mail import clock
from mail.errors import Reply
from mail.tls.context import ClientContext
from mail.tls.engine import TlsEngine
from mail.tls.errors import TlsError

UNREAD_LIMIT = 64 * 1024


class _Deadline:
    """When a step must be done, `seconds` from now by the loop's clock, and what is said if it is not."""

    __slots__ = ("moment", "seconds", "stage", "text")

    def __init__(self, stage: Stage, seconds: float, text: str) -> None:
        self.stage = stage
        self.seconds = seconds
        self.text = text
        self.moment = asyncio.get_running_loop().time() + seconds


class Connection(asyncio.Protocol):
    """Use from one task at a time. Every waiting method raises DeliveryFailure with the stage given to it."""

    def __init__(self, transcript: Transcript) -> None:
        self.transcript = transcript
        self.replies = ReplyReader()
        self.tls: TlsEngine | None = None
        self.broken = False
        """Whether the two sides are out of step or apart: no further command makes sense."""
        self._transport: asyncio.Transport | None = None
        self._lost_reason = ""
        self._tls_error = ""
        self._wakeup: asyncio.Future[None] | None = None
        self.writable = True
        """Whether little of what was written is still on this side."""
        self.dual_stack = False
        """Whether the host has addresses of both families; said by whoever looked them up."""
        self._reading_paused = False

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        if self.transcript.wanted:
            self.transcript.connected()

    def data_received(self, data: bytes) -> None:
        if self.tls is not None:
            data = self._decrypt(data)
        self.replies.feed(data)
        if self.replies.unread > UNREAD_LIMIT and self._transport is not None:
            self._transport.pause_reading()
            self._reading_paused = True
        self._wake()

    def eof_received(self) -> bool:
        self._lost_reason = self._lost_reason or "the server closed the connection"
        self._wake()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost_reason = self._lost_reason or (
            f"the connection broke: {_reason(exc)}" if exc else "the server closed the connection"
        )
        self.writable = True
        self._wake()

    def pause_writing(self) -> None:
        self.writable = False

    def resume_writing(self) -> None:
        self.writable = True
        self._wake()

    # What a session calls.

    @property
    def reply_waiting(self) -> bool:
        """Whether the server has said something that was not read yet."""
        return self.replies.unread > 0

    @property
    def quiet(self) -> bool:
        """Whether the connection stands and the server has said nothing that was not asked for."""
        return not (self.broken or self._lost_reason or self.reply_waiting)

    async def reply(self, stage: Stage, seconds: float, *, secret: bool = False) -> Reply:
        """The server's next reply, within `seconds`."""
        began = clock.monotonic()
        reply = self._next_reply(stage)
        if reply is None:
            reply = await self._awaited_reply(stage, seconds)
        waited = clock.monotonic() - began
        COMMAND_SECONDS.observe(stage.value, str(reply.code), reply.enhanced, amount=waited)
        if self.transcript.wanted:
            (self.transcript.received_secret if secret else self.transcript.received)(reply)
        if reply.code == 421:
            # The server closes after this reply (RFC 5321 section 3.8).
            self.broken = True
        return reply

    def write_line(self, line: str) -> None:
        """Send a command."""
        self.write(self.encoded([line]))

    def encoded(self, lines: Sequence[str]) -> bytes:
        """Commands as they are to be sent, at once; their replies come in the same order."""
        if self.transcript.wanted:
            for line in lines:
                self.transcript.sent(line)
        return ("\r\n".join(lines) + "\r\n").encode()

    def write_secret_line(self, command: str, secret: str) -> None:
        """Send a command that ends in a credential; `command` may be empty."""
        if self.transcript.wanted:
            self.transcript.sent_secret(command, secret)
        self.write(f"{command} {secret}".lstrip().encode() + b"\r\n")

    def write(self, data: bytes) -> None:
        """Send bytes without waiting. What can't be sent shows in the next reply or `flushed`."""
        if self._transport is None or self._lost_reason:
            return
        if self.tls is not None:
            try:
                self.tls.send(data)
            except TlsError as error:
                self._lost_reason = f"TLS failed: {error}"
                return
            data = self.tls.to_network()
        self._transport.write(data)

    async def flushed(self, stage: Stage, seconds: float) -> None:
        """Wait until not much of what was written is still on this side, or the server says something."""
        deadline = _Deadline(stage, seconds, "the server takes no more data")
        while not (self.writable or self._lost_reason or self.reply_waiting):
            await self._wait(deadline)
        if self._lost_reason:
            raise self._failure(stage, 451, "4.4.2", self._lost_reason)

    async def start_tls(
        self, context: ClientContext, server_name: str, seconds: float, *, indicated_name: str = ""
    ) -> None:
        """Shake hands. What the server sent before counts as its part of the handshake, never as a reply.

        With a context that only notes it, a certificate that is not trusted is no failure.
        """
        early = self.replies.take_rest()
        try:
            self.tls = TlsEngine.client(context, server_name, indicated_name)
        except (TlsError, ValueError) as error:
            raise self._failure(Stage.TLS, 454, "4.7.5", f"TLS is not possible: {error}") from error
        self._send_handshake()
        if early:
            self.data_received(early)
        deadline = _Deadline(Stage.TLS, seconds, "the server does not finish the TLS handshake")
        while not self.tls.established:
            if self._tls_error:
                raise self._failure(Stage.TLS, 454, "4.7.5", f"TLS failed: {self._tls_error}")
            if self._lost_reason:
                text = f"TLS failed: {self._lost_reason} during the handshake"
                raise self._failure(Stage.TLS, 454, "4.7.5", text)
            await self._wait(deadline)
        if self.transcript.wanted:
            self.transcript.encrypted(_tls_text(self.tls))

    def close(self) -> None:
        """Close after what was written has been sent."""
        if self._transport is None:
            return
        if self.tls is not None and not self._lost_reason:
            self.tls.close()
            self._send_handshake()
        self._transport.close()

    def abort(self) -> None:
        """Close at once; what was not sent is dropped."""
        self.broken = True
        if self._transport is not None:
            self._transport.abort()

    # Inside.

    def _decrypt(self, data: bytes) -> bytes:
        assert self.tls is not None
        plaintext = b""
        try:
            plaintext = self.tls.receive(data)
        except TlsError as error:
            self._tls_error = str(error)
            self._lost_reason = f"TLS failed: {error}"
        self._send_handshake()
        if self.tls.peer_closed:
            self._lost_reason = self._lost_reason or "the server closed the connection"
        return plaintext

    def _send_handshake(self) -> None:
        """Send what the TLS layer has to say by itself, alerts included."""
        if self.tls is not None and self._transport is not None and (data := self.tls.to_network()):
            self._transport.write(data)

    def _next_reply(self, stage: Stage) -> Reply | None:
        try:
            reply = self.replies.next_reply()
        except ReplySyntaxError as error:
            self.broken = True
            raise DeliveryFailure(stage, error.public, remote=False, cause=error.cause) from error
        if self._reading_paused and self.replies.unread <= UNREAD_LIMIT and self._transport is not None:
            self._reading_paused = False
            self._transport.resume_reading()
        return reply

    async def _awaited_reply(self, stage: Stage, seconds: float) -> Reply:
        deadline = _Deadline(stage, seconds, "the server does not answer")
        while not self._lost_reason:
            await self._wait(deadline)
            if (reply := self._next_reply(stage)) is not None:
                return reply
        raise self._failure(stage, 451, "4.4.2", self._lost_reason)

    def _failure(self, stage: Stage, code: int, enhanced: str, text: str) -> DeliveryFailure:
        self.broken = True
        return local_failure(stage, code, enhanced, text)

    async def _wait(self, deadline: _Deadline) -> None:
        """Wait until something happens. Raises DeliveryFailure when the deadline passes first."""
        loop = asyncio.get_running_loop()
        if loop.time() >= deadline.moment:
            text = f"{deadline.text} within {deadline.seconds:g} s"
            raise self._failure(deadline.stage, 451, "4.4.2", text)
        self._wakeup = loop.create_future()
        # A timer of its own costs a third of asyncio.timeout, and there is one for every reply.
        timer = loop.call_at(deadline.moment, self._wake)
        try:
            await self._wakeup
        finally:
            timer.cancel()
            self._wakeup = None

    def _wake(self) -> None:
        if self._wakeup is not None and not self._wakeup.done():
            self._wakeup.set_result(None)


def _reason(error: Exception) -> str:
    """What the system says of it, without its number."""
    return os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)


def _tls_text(tls: TlsEngine) -> str:
    verified = tls.verification_error or "certificate verified"
    return f"{tls.version}, {tls.cipher}, {verified}"
