"""A listening socket behind proxies that begin with a PROXY header (mail.proxy_protocol).

The header comes before TLS, so it is read from the socket, and not a byte more, before there is a transport.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from mail.proxy_protocol import LONGEST, BrokenHeader, ProxiedAddresses, header_size, read_header
from webserver.edge.arrival import Arrival

if TYPE_CHECKING:
    from webserver.edge.edge import Edge

log = logging.getLogger(__name__)

HEADER_SECONDS: Final = 5.0
"""For the whole header; a proxy sends it at once."""

_AT_ONCE: Final = 64
"""Connections that are accepted before the loop does something else."""

_PAUSE_SECONDS: Final = 1.0
"""After a connection could not be accepted, such as for want of descriptors."""


class ProxyListener:
    """Accepts connections. Who is not `trusted` (given the address) can't say anything about a client."""

    def __init__(
        self,
        edge: "Edge",
        listener: socket.socket,
        tls: ssl.SSLContext | None,
        trusted: Callable[[str], bool],
    ) -> None:
        self._edge = edge
        self._loop = edge.loop
        self._listener = listener
        self._tls = tls
        self._trusted = trusted
        self._reading: set[_Header] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._pause: asyncio.TimerHandle | None = None
        listener.setblocking(False)
        self._loop.add_reader(listener, self._accept)

    def close(self) -> None:
        """Accept no more, and forget connections that have not said yet whose they are."""
        if self._pause is not None:
            self._pause.cancel()
        self._loop.remove_reader(self._listener)
        self._listener.close()
        for header in list(self._reading):
            header.drop()

    def _accept(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                connection, address = self._listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                log.error("no connection accepted", extra={"fields": {"reason": str(error)}})
                self._loop.remove_reader(self._listener)
                self._pause = self._loop.call_later(
                    _PAUSE_SECONDS, self._loop.add_reader, self._listener, self._accept
                )
                return
            connection.setblocking(False)
            peer = address[0].partition("%")[0] if isinstance(address, tuple) else ""
            if self._trusted(peer):
                self._reading.add(_Header(self._loop, connection, peer, self._read))
            else:
                self._begin(connection, None)

    def _read(self, header: "_Header", told: ProxiedAddresses | None, *, is_there: bool) -> None:
        self._reading.discard(header)
        if is_there:
            self._begin(header.connection, told)

    def _begin(self, connection: socket.socket, told: ProxiedAddresses | None) -> None:
        task = self._loop.create_task(self._connect(connection, told))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, connection: socket.socket, told: ProxiedAddresses | None) -> None:
        tls = self._tls
        try:
            await self._loop.connect_accepted_socket(
                lambda: Arrival(self._edge, "https" if tls else "http", told),
                connection,
                ssl=tls,
                ssl_handshake_timeout=self._edge.limits.handshake_seconds if tls else None,
            )
        except OSError as error:  # of TLS too
            log.debug("a connection did not begin", extra={"fields": {"reason": str(error)}})
            connection.close()


class _Header:
    """The header of one connection, until it is there."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        connection: socket.socket,
        peer: str,
        done: Callable[..., None],
    ) -> None:
        self.connection = connection
        self._loop = loop
        self._peer = peer
        self._done = done
        self._data = b""
        self._timer = loop.call_later(HEADER_SECONDS, self._broken, "it did not come in time")
        loop.add_reader(connection, self._readable)

    def _readable(self) -> None:
        """What is there is looked at, and taken up to the end of the header."""
        try:
            ahead = self.connection.recv(LONGEST, socket.MSG_PEEK)
            if not ahead:
                self.drop()
                return
            size = header_size(self._data + ahead)
            taken = self.connection.recv((size - len(self._data)) if size else len(ahead))
            self._data += taken
            if not size:
                return
            told = read_header(self._data)
        except (BlockingIOError, InterruptedError):
            return
        except BrokenHeader as error:
            self._broken(str(error))
        except OSError:
            self.drop()
        else:
            self._forget()
            self._done(self, told, is_there=True)

    def _broken(self, reason: str) -> None:
        log.warning("no PROXY header", extra={"fields": {"proxy": self._peer, "reason": reason}})
        self.drop()

    def drop(self) -> None:
        """Close the connection."""
        self._forget()
        self.connection.close()
        self._done(self, None, is_there=False)

    def _forget(self) -> None:
        self._timer.cancel()
        self._loop.remove_reader(self.connection)
