"""The server of the pages with an application that gives 128 MB or takes any amount. Prints its port."""

import hashlib
import json
import resource
import socket
import sys
from collections.abc import MutableMapping
from typing import Any

from daphne.server import Server
from twisted.internet import reactor

from moxsite.backpressure import SendsAsRead
from moxsite.request_bodies import ReadsAsTaken, with_bodies

PIECES, PIECE = 2000, b"x" * 65536
made = 0


async def application(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    """/count tells how many pieces were made; /take reads the body; anything else makes pieces."""
    global made
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if scope["path"] == "/count":
        await send({"type": "http.response.body", "body": str(made).encode()})
        return
    if scope["path"] == "/take":
        await send({"type": "http.response.body", "body": json.dumps(await taken(receive)).encode()})
        return
    for _ in range(PIECES):
        made += 1
        await send({"type": "http.response.body", "body": PIECE, "more_body": True})
    await send({"type": "http.response.body", "body": b"end"})


async def taken(receive: Any) -> dict[str, int | str]:
    """The body's size and digest, and the most memory the process had, in KiB."""
    size, digest, more = 0, hashlib.sha256(), True
    while more:
        message = await receive()
        size += len(message["body"])
        digest.update(message["body"])
        more = message["more_body"]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"size": size, "digest": digest.hexdigest(), "peak": peak}


class _Server(SendsAsRead, ReadsAsTaken, Server):  # type: ignore[misc]  # daphne has no types
    def __init__(self) -> None:
        super().__init__(
            with_bodies(application), endpoints=["none"], signal_handlers=False, ready_callable=self.listen
        )
        self.endpoints: list[str] = []

    def listen(self) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setblocking(False)
        adopting: Any = reactor
        adopting.adoptStreamPort(listener.fileno(), listener.family, self.http_factory)
        sys.stdout.write(f"{listener.getsockname()[1]}\n")
        sys.stdout.flush()


_Server().run()
