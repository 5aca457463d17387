"""Edge processes tell which tunnels they have, each on a unix socket in the data directory."""

import asyncio
import logging
import os
from pathlib import Path
from typing import Final

from mail.process.listening import CannotListen, open_unix_socket
from webserver.websocket.listing import encode
from webserver.websocket.open_tunnels import OpenTunnels

log = logging.getLogger(__name__)

PREFIX: Final = "tunnels."
"""Of the names of the sockets; the number of the process follows."""


class TellsTunnels:
    """The socket of this process."""

    def __init__(self, folder: Path, tunnels: OpenTunnels) -> None:
        self._path = folder / f"{PREFIX}{os.getpid()}"
        self._tunnels = tunnels
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen. Where that can't be, tunnels are forwarded all the same, and not listed."""
        try:
            listener = open_unix_socket(str(self._path))
        except CannotListen as error:
            log.warning("open websockets can't be listed", extra={"fields": {"reason": str(error)}})
            return
        self._server = await asyncio.start_unix_server(self._tell, sock=listener)

    def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)

    async def _tell(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(encode(list(self._tunnels)))
        writer.close()
