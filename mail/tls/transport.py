"""The engine between an asyncio transport and a protocol, for servers and clients."""

import asyncio
from collections import deque
from typing import Any

from mail.tls.engine import TlsEngine
from mail.tls.errors import TlsError
from mail.tls.network import NetworkSide

HANDSHAKE_TIMEOUT = 60.0
"""Seconds that a handshake may take."""

_CLOSE_TIMEOUT = 30.0
"""Seconds that a peer has for taking what is left to send after `close`."""

_SLICE = 128 * 1024
"""Bytes encrypted before other connections of the loop get their turn (well under a millisecond)."""

_BACKLOG_HIGH = 64 * 1024


async def start_tls(
    network: asyncio.Transport,
    protocol: asyncio.Protocol,
    engine: TlsEngine,
    *,
    received: bytes = b"",
    timeout: float = HANDSHAKE_TIMEOUT,
) -> "TlsTransport":
    """Put TLS between an open connection and a protocol and wait for the handshake.

    From this call on `network` belongs to TLS: every byte that arrives is part of the handshake or of a
    record, so that nothing sent in the clear can be taken for data that was protected. The protocol may be
    the one that has served the connection so far (STARTTLS) or a new one; its `connection_made` is called
    with the returned transport after the handshake and before any data. `received` is what the
    protocol so far has read of TLS: on a client what came behind the server's go-ahead, and on either side
    everything when TLS starts with the first byte. A server that answers STARTTLS must have read nothing
    behind it (RFC 3207 section 4.2).

    Raises TlsError when the handshake fails, takes more than `timeout` seconds or the connection is lost;
    then the connection is closed and the protocol is told nothing.
    """
    transport = TlsTransport(network, protocol, engine)
    try:
        await transport.shake_hands(received, timeout)
    except asyncio.CancelledError:
        transport.abort()
        raise
    return transport


class TlsTransport(asyncio.Transport):
    """What the protocol sees. `get_extra_info("tls")` is the engine; all else comes from the network side."""

    def __init__(self, network: asyncio.Transport, protocol: asyncio.Protocol, engine: TlsEngine) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self._network = network
        self._protocol = protocol
        self._engine = engine
        self._handshake: asyncio.Future[None] = self._loop.create_future()
        self._timer: asyncio.TimerHandle | None = None
        self._connected = False
        self._closing = False
        self._error: Exception | None = None
        self._reading_paused = False
        self._held: deque[bytes] = deque()
        self._eof = False
        self._backlog: deque[memoryview] = deque()
        self._backlog_size = 0
        self._continuing = False
        self._network_full = False
        self._protocol_paused = False

    async def shake_hands(self, received: bytes, timeout: float) -> None:
        """Take over the network side and wait until the handshake is complete. Raises TlsError."""
        self._timer = self._loop.call_later(timeout, self._handshake_timed_out, timeout)
        # uvloop looks at the kind of the protocol when reading starts, not when the protocol changes.
        self._network.pause_reading()
        self._network.set_protocol(NetworkSide(self))
        self._send_outgoing()
        if received:
            self.network_received(received)
        self._network.resume_reading()
        await self._handshake

    # What the protocol calls

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """ "tls" is the engine; other names are the network transport's."""
        return self._engine if name == "tls" else self._network.get_extra_info(name, default)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Hand what arrives from now on to another protocol."""
        assert isinstance(protocol, asyncio.Protocol)
        self._protocol = protocol

    def get_protocol(self) -> asyncio.Protocol:
        """The protocol above."""
        return self._protocol

    def is_closing(self) -> bool:
        """Whether the transport is closed or about to."""
        return self._closing

    def is_reading(self) -> bool:
        """Whether data is handed to the protocol."""
        return not self._reading_paused and not self._closing

    def pause_reading(self) -> None:
        """Hand nothing to the protocol, and read nothing from the network, until `resume_reading`."""
        self._reading_paused = True
        if not self._closing:
            self._network.pause_reading()

    def resume_reading(self) -> None:
        """Undo `pause_reading`. The protocol gets nothing before this call has returned."""
        if self._reading_paused:
            self._reading_paused = False
            if self._held or self._eof:
                self._loop.call_soon(self._deliver_held)
            elif not self._closing:
                self._network.resume_reading()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Encrypt and send, at once as far as the network takes it."""
        view = memoryview(data).cast("B")
        if not view or self._closing:
            return
        if self._connected and not self._backlog and not self._network_full and len(view) <= _SLICE:
            self._encrypt(view)
            return
        self._backlog.append(memoryview(bytes(view)))
        self._backlog_size += len(view)
        self._continue_soon()
        self._control_protocol()

    def writelines(self, list_of_data: Any) -> None:
        """Write several pieces, as one."""
        self.write(b"".join(list_of_data))

    def can_write_eof(self) -> bool:
        """TLS as used for mail ends in both directions at once."""
        return False

    def get_write_buffer_size(self) -> int:
        """Bytes that the network has not taken yet."""
        return self._backlog_size + self._network.get_write_buffer_size()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Limits of the network side, which decide when the protocol's `pause_writing` is called."""
        self._network.set_write_buffer_limits(high, low)

    def close(self) -> None:
        """Send what was written, say that nothing follows, and close."""
        if self._closing:
            return
        self._closing = True
        self._held.clear()
        self._limit_closing()
        if not self._backlog:
            self._finish_closing()

    def abort(self) -> None:
        """Close at once; what was not sent is lost."""
        self._closing = True
        self._held.clear()
        self._drop_backlog()
        self._network.abort()

    # What the network side calls

    def network_received(self, data: bytes | bytearray | memoryview) -> None:
        """Bytes arrived."""
        if self._closing:
            return
        try:
            plaintext = self._engine.receive(memoryview(data))
        except TlsError as error:
            self._fail(error)
            return
        if not self._engine.took_only_data:
            self._send_outgoing()
        if self._engine.established and not self._connected:
            self._connect()
        if plaintext:
            self._deliver(plaintext)
        if self._engine.peer_closed:
            self.network_ended()

    def network_ended(self) -> None:
        """The peer sends no more, whether it said so in TLS or not."""
        if not self._connected:
            self._fail(TlsError("the peer closed the connection during the handshake"))
        elif self._held or self._reading_paused:
            self._eof = True
        elif not self._closing:
            self._protocol.eof_received()
            self.close()

    def network_lost(self, error: Exception | None) -> None:
        """The connection is gone."""
        self._closing = True
        self._cancel_timer()
        self._drop_backlog()
        if self._connected:
            self._protocol.connection_lost(self._error or error)
        elif not self._handshake.done():
            lost = TlsError("the connection was lost during the handshake")
            self._handshake.set_exception(self._error or lost)

    def network_full(self, full: bool) -> None:
        """The network takes no more for now, or takes data again."""
        self._network_full = full
        if not full and self._backlog:
            self._continue_soon()
        self._control_protocol()

    def _connect(self) -> None:
        self._connected = True
        self._cancel_timer()
        if not self._handshake.done():
            self._handshake.set_result(None)
        self._protocol.connection_made(self)
        if self._backlog:
            self._continue_soon()

    def _deliver(self, plaintext: bytes) -> None:
        if self._reading_paused or self._held:
            self._held.append(plaintext)
        elif not self._closing:
            self._protocol.data_received(plaintext)

    def _deliver_held(self) -> None:
        while self._held and not self._reading_paused:
            self._protocol.data_received(self._held.popleft())
        if self._reading_paused or self._closing:
            return
        if self._eof:
            self.network_ended()
        else:
            self._network.resume_reading()

    def _encrypt(self, data: memoryview) -> None:
        try:
            self._engine.send(data)
        except TlsError as error:
            self._fail(error)
        else:
            self._send_outgoing()

    def _send_outgoing(self) -> None:
        outgoing = self._engine.to_network()
        if outgoing:
            self._network.write(outgoing)

    def _continue_soon(self) -> None:
        if self._connected and not self._continuing and not self._network_full:
            self._continuing = True
            self._loop.call_soon(self._continue)

    def _continue(self) -> None:
        """Encrypt one slice of the backlog and leave the rest for the next round of the loop."""
        self._continuing = False
        budget = _SLICE
        while self._backlog and budget and not self._network_full:
            piece = self._backlog[0][:budget]
            rest = self._backlog[0][len(piece) :]
            if rest:
                self._backlog[0] = rest
            else:
                self._backlog.popleft()
            self._backlog_size -= len(piece)
            budget -= len(piece)
            self._encrypt(piece)
        if self._backlog:
            self._continue_soon()
        elif self._closing and self._error is None:
            self._finish_closing()
        self._control_protocol()

    def _control_protocol(self) -> None:
        if not self._connected or self._closing:
            return
        if not self._protocol_paused and (self._network_full or self._backlog_size > _BACKLOG_HIGH):
            self._protocol_paused = True
            self._protocol.pause_writing()
        elif self._protocol_paused and not self._network_full and not self._backlog_size:
            self._protocol_paused = False
            self._protocol.resume_writing()

    def _finish_closing(self) -> None:
        self._engine.close()
        self._send_outgoing()
        self._network.close()

    def _fail(self, error: TlsError) -> None:
        """End the connection for a reason of TLS; an alert for the peer may still be on its way."""
        if self._error is None:
            self._error = error
            self._closing = True
            self._drop_backlog()
            self._send_outgoing()
            self._network.close()
            self._limit_closing()
            if not self._handshake.done():
                self._handshake.set_exception(error)

    def _handshake_timed_out(self, timeout: float) -> None:
        self._fail(TlsError(f"the handshake took longer than {timeout:g} seconds"))
        self._network.abort()

    def _limit_closing(self) -> None:
        if self._timer is None:
            self._timer = self._loop.call_later(_CLOSE_TIMEOUT, self.abort)

    def _drop_backlog(self) -> None:
        self._backlog.clear()
        self._backlog_size = 0

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
