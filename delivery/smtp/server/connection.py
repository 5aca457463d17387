"""One connection as the transport and the server see it."""

import asyncio
import logging
from typing import cast

from aiosmtpd.smtp import SMTP

from delivery.smtp.server.answers import format_reply
from delivery.smtp.server.backend import Service, SessionInfo
from delivery.smtp.server.environment import Environment
from delivery.smtp.server.faults import PeerGone, SessionEnded, ShuttingDown
from delivery.smtp.server.networks import is_local, network_of
from delivery.smtp.server.proxy_protocol import (
    HEADER_SECONDS,
    LOCAL_SECONDS,
    ProxyFault,
    begins_header,
    read_proxy_header,
)
from delivery.smtp.server.stream import PeerStream
from mail.errors import Reply
from mail.log.sessions import new_session_id
from mail.tls.engine import TlsEngine
from mail.tls.errors import TlsError
from mail.tls.transport import start_tls

log = logging.getLogger(__name__)

_TOO_MANY = Reply(421, "", "too many connections, come back later")


class Connection(SMTP):
    """Opens and closes; the conversation is `_handle_client`, which runs as a task."""

    def __init__(self, environment: Environment, service: Service, loop: asyncio.AbstractEventLoop) -> None:
        # Not SMTP.__init__: it finds commands, hooks and mechanisms by introspection, a quarter of a
        # millisecond for each connection. Here they are known once the class is made, and PeerStream
        # stands for its reader, writer and timer.
        self.loop = loop
        self.environment = environment
        self.backend = environment.backend
        self.limits = environment.limits
        self.stream = PeerStream(loop)
        self.info = SessionInfo(new_session_id(), service, "", 0, "", 0)
        self.waits_for_command = False
        self._task: asyncio.Task[None] | None = None
        self._network = ""
        self._by_proxy = False
        self._counted = False
        self._lost = False
        self._cut: asyncio.TimerHandle | None = None

    def __del__(self) -> None:
        """Nothing: what SMTP looks after at the end does not exist here."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected, or the handshake of TLS is complete."""
        network = cast("asyncio.Transport", transport)
        self.stream.connect(network)
        if self._task is not None:
            self.info.tls = network.get_extra_info("tls").info
            return
        self._note_addresses(network)
        self._by_proxy = self.environment.trusts_proxy(self.info.remote_address)
        if not self._by_proxy and not self._enter(network):
            return
        self.environment.sessions.add(self)
        self._task = self.loop.create_task(self._handle_client())
        self._task.add_done_callback(self._finished)

    def data_received(self, data: bytes) -> None:
        """Bytes arrived."""
        self.stream.feed(data)

    def eof_received(self) -> bool:
        """The client sends no more, but may still read the replies."""
        self.stream.end()
        return True

    def connection_lost(self, error: Exception | None) -> None:
        """The connection is gone. What the backend is doing for it is not interrupted."""
        if self._lost:
            return
        self._lost = True
        self.stream.lose()
        if self._cut is not None:
            self._cut.cancel()
        if self._counted:
            self.environment.counter.leave(self._network)
        self._leave()

    def pause_writing(self) -> None:
        """The client does not read."""
        self.stream.set_writing_paused(True)

    def resume_writing(self) -> None:
        """The client reads again."""
        self.stream.set_writing_paused(False)

    def shut_down(self) -> None:
        """End the session with 421 as soon as it waits for a command."""
        if self.waits_for_command:
            self.stream.interrupt(ShuttingDown())

    def abort(self) -> None:
        """End the session at once."""
        if self._task is not None:
            self._task.cancel()
        if self.stream.transport is not None:
            self.stream.transport.abort()

    async def meet_proxy(self) -> None:
        """When the peer is a trusted proxy, learn from its header who the client is.

        Not only proxies come from this machine: what sends no header from there is a client itself. Raises
        SessionFault when another trusted peer does not say for whom it speaks.
        """
        if not self._by_proxy:
            return
        told = None
        try:
            if not is_local(self.info.remote_address) or await begins_header(self.stream, LOCAL_SECONDS):
                told = await read_proxy_header(self.stream, HEADER_SECONDS)
        except ProxyFault as fault:
            log.warning("no PROXY header", extra={"fields": self.fields() | {"reason": str(fault)}})
            raise
        if told is not None:
            info = self.info
            info.remote_address, info.remote_port = told.remote_address, told.remote_port
            info.local_address, info.local_port = told.local_address, told.local_port
            self._network = network_of(info.remote_address)
        if self.stream.transport is None or not self._enter(self.stream.transport):
            raise SessionEnded

    async def secure(self, received: bytes = b"") -> None:
        """Put TLS on the connection; `received` is what has arrived of it already.

        Raises TlsError, after which there is no connection any more.
        """
        transport, certificates = self.stream.transport, self.environment.certificates
        if transport is None or certificates is None:
            raise PeerGone
        engine = TlsEngine.server(certificates.context)
        try:
            await start_tls(transport, self, engine, received=received, timeout=self.limits.handshake_timeout)
        except (TlsError, asyncio.CancelledError):
            # Nobody else tells: there is no TLS transport yet that could be lost.
            self.connection_lost(None)
            raise

    def close(self) -> None:
        """Send what was answered and close; a client that does not take it is cut off."""
        transport = self.stream.transport
        if transport is not None:
            self.stream.flush()
            transport.close()
            self._cut = self.loop.call_later(self.limits.close_timeout, transport.abort)

    def fields(self) -> dict[str, object]:
        """What log lines say about the connection."""
        return {"service": str(self.info.service), "remote": self.info.remote_address}

    def _note_addresses(self, transport: asyncio.Transport) -> None:
        info = self.info
        remote = transport.get_extra_info("peername") or ("", 0)
        local = transport.get_extra_info("sockname") or ("", 0)
        # Which interface a link-local address is on (fe80::1%eth0) is no part of it.
        info.remote_address, info.remote_port = remote[0].partition("%")[0], remote[1]
        info.local_address, info.local_port = local[0].partition("%")[0], local[1]
        self._network = network_of(info.remote_address)

    def _enter(self, transport: asyncio.Transport) -> bool:
        """Whether there is room for one more; if not, the client is told so."""
        self._counted = self.environment.counter.enter(self._network)
        if not self._counted:
            self._turn_away(transport)
        return self._counted

    def _turn_away(self, transport: asyncio.Transport) -> None:
        log.info("too many connections", extra={"fields": self.fields()})
        if self.info.service is not Service.SUBMISSIONS:
            transport.write(format_reply(_TOO_MANY))
        transport.close()

    def _finished(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None:
            log.error("session broke", exc_info=task.exception(), extra={"fields": self.fields()})
        self._leave()

    def _leave(self) -> None:
        if self._lost and self._task is not None and self._task.done():
            self.environment.leave(self)
