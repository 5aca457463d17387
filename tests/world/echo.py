"""A websocket server that sends back what it gets."""

import threading
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve


class Echo:
    """Runs in a thread on loopback, with or without TLS. `requests` are the handshakes it has seen."""

    def __init__(self, **options: Any) -> None:
        self.requests: list[tuple[str, list[tuple[str, str]]]] = []
        options = {"max_size": None, "compression": None, **options}
        self._server: Server = serve(self._echo, "127.0.0.1", 0, **options)
        self.port = int(self._server.socket.getsockname()[1])
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def __enter__(self) -> "Echo":
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()

    def _echo(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        headers = list(connection.request.headers.raw_items())
        self.requests.append((connection.request.path, headers))
        try:
            for message in connection:
                connection.send(message)
        except ConnectionClosed:
            pass
