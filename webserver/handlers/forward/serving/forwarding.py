"""One request on its way to a backend, and the answer on its way back.

Everything happens in plain calls of the two connections. Neither side is read faster than the other one
takes it, so a transfer of any size passes through a few hundred KiB.
"""

import asyncio
import logging
import ssl
from typing import TYPE_CHECKING, Final

from mail.process.deadline import NEVER
from webserver.edge.body import Body, ChunkedBody, LengthBody
from webserver.edge.exchange import Exchange
from webserver.edge.refusal import Refused
from webserver.handlers.forward.serving.backend_connection import BackendConnection
from webserver.handlers.forward.serving.pool import IDLE_SECONDS, Pool
from webserver.handlers.forward.serving.response import (
    BrokenResponse,
    ResponseHead,
    head_end,
    parse_response,
)

if TYPE_CHECKING:
    from webserver.handlers.forward.serving.service import ForwardService

log = logging.getLogger(__name__)

_FRESH_SECONDS: Final = 1.0
"""So recently a connection must have been used for what can't be repeated: it is hardly closing just now."""


class Forwarding:
    """The owner of an exchange that a backend answers."""

    __slots__ = (
        "_body",
        "_buffer",
        "_connection",
        "_exchange",
        "_is_usable",
        "_pool",
        "_pools",
        "_response",
        "_sent_all",
        "_service",
        "_task",
    )

    def __init__(self, service: "ForwardService", exchange: Exchange) -> None:
        self._service = service
        self._exchange = exchange
        self._pools: list[Pool] = service.pools_in_order()
        self._pool = self._pools[0]
        self._connection: BackendConnection | None = None
        self._body: Body | None = None
        self._buffer = b""
        self._response: ResponseHead | None = None
        self._sent_all = False
        self._is_usable = True
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Send the request to a backend."""
        self._exchange.owner = self
        pool = self._pools[0]
        connection = None
        if not pool.down_until:
            connection = pool.take(IDLE_SECONDS if self._exchange.head.is_safe else _FRESH_SECONDS)
        if connection is None:
            self._connect()
        else:
            self._send(pool, connection)

    # To the backend

    def _connect(self) -> None:
        task = self._task = asyncio.get_running_loop().create_task(self._open())
        self._service.tasks.add(task)
        task.add_done_callback(self._service.tasks.discard)

    async def _open(self) -> None:
        try:
            await self._connect_to_one()
        except Exception:
            self._exchange.failed()

    async def _connect_to_one(self) -> None:
        """Connect to the first backend that can be reached. Nothing was sent, so any may be asked."""
        problem, timed_out = "", False
        for pool in self._pools:
            try:
                connection = await pool.connect(self._service.settings.connect_seconds)
            except TimeoutError:
                problem, timed_out = f"{pool.backend.url}: no connection in time", True
            except (OSError, ssl.SSLError, UnicodeError) as error:
                problem, timed_out = f"{pool.backend.url}: {error}", False
            else:
                pool.works()
                if self._exchange.owner is not self:
                    pool.put(connection)
                    return
                self._send(pool, connection)
                return
            pool.failed(problem)
            if self._exchange.owner is not self:
                return
        if timed_out:
            self._fail(504, problem)
        else:
            self._fail(502, problem)

    def _send(self, pool: Pool, connection: BackendConnection) -> None:
        self._pool = pool
        self._connection = connection
        connection.user = self
        exchange = self._exchange
        connection.transport.write(self._service.request_head(pool, exchange))
        if exchange.head.has_body:
            exchange.receive_body(self)
        else:
            self.body_ended()

    def body_received(self, data: bytes) -> None:
        """See Owner."""
        if self._connection is not None:
            if self._exchange.head.chunked:
                self._connection.transport.writelines((b"%x\r\n" % len(data), data, b"\r\n"))
            else:
                self._connection.transport.write(data)

    def body_ended(self) -> None:
        """See Owner."""
        connection = self._connection
        if connection is not None:
            if self._exchange.head.chunked:
                connection.transport.write(b"0\r\n\r\n")
            self._sent_all = True
            connection.deadline.within(self._service.settings.response_seconds)

    def backend_slow(self) -> None:
        """See User."""
        if not self._sent_all:
            self._exchange.pause_reading()

    def backend_ready(self) -> None:
        """See User."""
        if not self._sent_all:
            self._exchange.resume_reading()

    # From the backend

    def backend_sent(self, data: bytes) -> None:
        """See User."""
        try:
            if self._response is None:
                self._read_head(self._buffer + data if self._buffer else data)
            else:
                self._pass_on(data)
        except (BrokenResponse, Refused) as error:
            self._fail(502, f"{self._pool.backend.url}: {error}")
        except Exception:
            self._detach()
            self._exchange.failed()

    def _read_head(self, data: bytes) -> None:
        end = head_end(data)
        if end < 0:
            self._buffer = data
            return
        response = parse_response(data[:end])
        rest = data[end:]
        self._buffer = b""
        if response.status < 200:
            if response.status == 101:
                raise BrokenResponse("it changes to another protocol unasked")
            if response.status != 100:  # that one was for us
                self._exchange.interim(response.status, response.fields)
            if rest:
                self._read_head(rest)
            return
        self._response = response
        self._answer(response, rest)

    def _answer(self, response: ResponseHead, rest: bytes) -> None:
        """Send the head on, together with the content that has come with it."""
        exchange = self._exchange
        fields = self._service.answer_fields(response)
        has_content = response.may_have_content and exchange.head.method != b"HEAD"
        if rest and has_content and len(rest) == response.length:
            self._leave_backend(response)
            exchange.respond(response.status, fields, rest)
            return
        if response.chunked:
            self._body = ChunkedBody() if has_content else None
        elif response.length is not None:
            self._body = LengthBody(response.length) if has_content and response.length else None
        else:
            self._body = _UNTIL_THE_END if has_content else None
        content, ended = self._take(rest)
        head = exchange.start_head(response.status, fields, response.length)
        exchange.write_raw(head + exchange.framed(content) if content else head)
        if ended:
            self._end()
        elif self._connection is not None:
            self._wait_for_more()

    def _pass_on(self, data: bytes) -> None:
        content, ended = self._take(data)
        self._exchange.write(content)
        if ended:
            self._end()

    def _take(self, data: bytes) -> tuple[bytes, bool]:
        """The content in what has come, and whether it ends there."""
        body = self._body
        if body is None:
            if data:
                self._mark_unusable()
            return b"", True
        if body is _UNTIL_THE_END:
            return data, False
        try:
            content, rest = body.feed(data)
        except Refused as error:
            raise BrokenResponse(error.reason) from None
        if rest:
            self._mark_unusable()
        return content, rest is not None

    def _mark_unusable(self) -> None:
        """It has sent more than the answer."""
        self._is_usable = False

    def _wait_for_more(self) -> None:
        connection = self._connection
        response = self._response
        assert connection is not None
        assert response is not None
        if response.is_event_stream:
            connection.deadline.at = NEVER
        elif not self._exchange.client_is_slow:
            connection.deadline.within(self._service.settings.response_seconds)

    def _end(self) -> None:
        if self._response is not None:
            self._leave_backend(self._response)
        self._exchange.finish()

    def _leave_backend(self, response: ResponseHead) -> None:
        """The answer has come: others may have the connection."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        reusable = response.keep_alive and self._is_usable and self._sent_all
        if reusable and self._body is not _UNTIL_THE_END:
            connection.release()
        else:
            connection.close()

    def backend_closed(self, error: Exception | None) -> None:
        """See User."""
        connection, self._connection = self._connection, None
        if self._response is not None:
            if self._body is _UNTIL_THE_END and error is None:
                self._exchange.finish()
            else:
                self._cut(f"{self._pool.backend.url}: closed within its answer")
        elif connection is not None and connection.used and not self._buffer and self._exchange.head.is_safe:
            self._connect()  # it was closing when the request went to it
        else:
            self._fail(502, f"{self._pool.backend.url}: closed without an answer{_because(error)}")

    def backend_silent(self) -> None:
        """See User."""
        self._fail(504, f"{self._pool.backend.url}: no answer in time")

    # To the client

    def pause_writing(self) -> None:
        """See Owner."""
        if self._connection is not None:
            self._connection.deadline.at = NEVER
            self._connection.pause_reading()

    def resume_writing(self) -> None:
        """See Owner."""
        if self._connection is not None:
            self._connection.resume_reading()
            if self._response is not None:
                self._wait_for_more()

    def client_gone(self) -> None:
        """See Owner."""
        self._detach()

    def _detach(self) -> None:
        """Let go of the backend, which is in the middle of something."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
        if self._task is not None:
            self._task.cancel()

    def _fail(self, status: int, cause: str) -> None:
        self._task = None
        self._detach()
        exchange = self._exchange
        if exchange.headers_sent:
            self._cut(cause)
            return
        exchange.error = cause
        fields = {"request": exchange.id, "handler": exchange.handler, "reason": cause}
        log.info("not forwarded", extra={"fields": fields})
        exchange.owner = None
        exchange.refuse(status, _TEXTS[status])

    def _cut(self, cause: str) -> None:
        self._exchange.owner = None
        self._exchange.abort(cause)


class _UntilTheEnd:
    """Content that ends with the connection."""

    def feed(self, data: bytes) -> tuple[bytes, bytes | None]:
        """See Body."""
        return data, None


_UNTIL_THE_END: Final = _UntilTheEnd()

_TEXTS: Final = {
    502: "The server behind this one could not be reached or did not answer as it should.",
    504: "The server behind this one did not answer in time.",
}


def _because(error: Exception | None) -> str:
    return f" ({error})" if error is not None else ""
