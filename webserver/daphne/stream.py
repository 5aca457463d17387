"""A connection of Twisted as a tunnel needs it: with the interface of asyncio's transports."""

import asyncio
from typing import Any, cast

from twisted.internet.interfaces import IHalfCloseableProtocol, IPushProducer
from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure
from zope.interface import implementer  # type: ignore[import-untyped]

_CLEAN = ("ConnectionDone", "ConnectionAborted")


@implementer(IPushProducer, IHalfCloseableProtocol)
class TwistedStream(Protocol):
    """Twisted calls it as protocol of the connection and as what fills its buffer; a tunnel as transport.

    It reads and writes through the TLS of the connection, if there is any.
    """

    transport: Any

    knows_buffers = False
    """Of asyncio.BufferedProtocol."""

    def __init__(self, transport: Any) -> None:
        self._protocol: asyncio.Protocol | None = None
        self._is_closing = False
        self._is_lost = False
        self.transport = transport
        transport.registerProducer(self, True)

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self._protocol = cast("asyncio.Protocol", protocol)

    def write(self, data: bytes | memoryview) -> None:
        self.transport.write(data)

    def get_write_buffer_size(self) -> int:
        inner = getattr(self.transport, "transport", self.transport)
        return int(len(inner.dataBuffer) + inner._tempDataLen)

    def set_write_buffer_limits(self, high: int) -> None:
        """Twisted has a limit of its own."""

    def can_write_eof(self) -> bool:
        return hasattr(self.transport, "loseWriteConnection")

    def write_eof(self) -> None:
        self.transport.loseWriteConnection()

    def pause_reading(self) -> None:
        self.transport.pauseProducing()

    def resume_reading(self) -> None:
        self.transport.resumeProducing()

    def is_closing(self) -> bool:
        return self._is_closing or self._is_lost

    def close(self) -> None:
        if not self.is_closing():
            self._is_closing = True
            # While something is registered that fills the buffer, it is not taken for the last one.
            self.transport.unregisterProducer()
            self.transport.loseConnection()

    def abort(self) -> None:
        if not self._is_lost:
            self._is_closing = True
            self.transport.abortConnection()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        if name == "socket":
            return getattr(self.transport, "socket", default)
        return default

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's names from here on
        if self._protocol is not None and not self._is_closing:
            self._protocol.data_received(data)

    def readConnectionLost(self) -> None:  # noqa: N802
        if self._protocol is None or not self._protocol.eof_received():
            self.close()

    def writeConnectionLost(self) -> None:  # noqa: N802
        pass

    def connectionLost(self, reason: Failure | None = None) -> None:  # noqa: N802
        self._is_lost = True
        if self._protocol is not None:
            error = reason.value if reason is not None else None
            clean = error is None or type(error).__name__ in _CLEAN
            self._protocol.connection_lost(None if clean else cast("Exception", error))

    def pauseProducing(self) -> None:  # noqa: N802
        if self._protocol is not None:
            self._protocol.pause_writing()

    def resumeProducing(self) -> None:  # noqa: N802
        if self._protocol is not None:
            self._protocol.resume_writing()

    def stopProducing(self) -> None:  # noqa: N802
        pass
