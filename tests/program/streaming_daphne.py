"""The server of the pages with an application that has 128 MB to give. Prints its port."""

import socket
import sys
from typing import Any

from daphne.server import Server
from twisted.internet import reactor

from moxsite.backpressure import SendsAsRead

PIECES, PIECE = 2000, b"x" * 65536
made = 0


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """/count tells how many pieces were made; anything else makes them."""
    global made
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if scope["path"] == "/count":
        await send({"type": "http.response.body", "body": str(made).encode()})
        return
    for _ in range(PIECES):
        made += 1
        await send({"type": "http.response.body", "body": PIECE, "more_body": True})
    await send({"type": "http.response.body", "body": b"end"})


class _Server(SendsAsRead, Server):  # type: ignore[misc]  # daphne has no types
    def __init__(self) -> None:
        super().__init__(application, endpoints=["none"], signal_handlers=False, ready_callable=self.listen)
        self.endpoints: list[str] = []

    def listen(self) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setblocking(False)
        adopting: Any = reactor
        adopting.adoptStreamPort(listener.fileno(), listener.family, self.http_factory)
        sys.stdout.write(f"{listener.getsockname()[1]}\n")
        sys.stdout.flush()


_Server().run()
