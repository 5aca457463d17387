"""An edge process that tells of one open websocket, and says that it has 501; of a backend, and of rates."""

import contextlib
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

_TUNNEL = {
    "handler": "chat",
    "url": "https://chat.example/<room>/" + "long" * 20,
    "client": "192.0.2.7",
    "backend": "http://127.0.0.1:9000",
    "since": 1,
    "to_client": 2_000_000,
    "from_client": 5,
}
TUNNELS = {"tunnels": {"count": 501, "tunnels": [_TUNNEL]}}


@contextlib.contextmanager
def telling(
    folder: Path, times: int = 1, says: Mapping[str, object] = TUNNELS, process: int = 1
) -> Iterator[None]:
    """Have it answer so many questions on a socket in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        path = folder / f"edge.{process}"
        path.unlink(missing_ok=True)
        listener.bind(str(path))
        listener.listen()

        def tell() -> None:
            for _ in range(times):
                connection, _ = listener.accept()
                with connection, connection.makefile("r") as lines:
                    answer = says.get(lines.readline().split()[0])
                    if answer is not None:
                        connection.sendall(json.dumps(answer).encode())

        thread = threading.Thread(target=tell)
        thread.start()
        yield
        thread.join()
