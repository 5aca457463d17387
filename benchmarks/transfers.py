"""A gigabyte through forwarding servers: how fast it goes, and how much they grow meanwhile."""

import socket
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks.figures import head, row
from benchmarks.processor import memory_mb
from benchmarks.web_servers import HOST, WebServer, web_servers, what_is_missing

SIZE: Final = 1_000_000_000
SAMPLE_SECONDS: Final = 0.1
STOPPED_SECONDS: Final = 3.0


def main() -> None:
    """Print the table."""
    if missing := what_is_missing():
        print(f"not measured: {missing}")
        return
    with tempfile.TemporaryDirectory(prefix="moxsite-bench-") as folder, web_servers(Path(folder)) as servers:
        print("MB/s; MB by which all processes of the server grew, at most\n")
        head("server", "1 GB down", "1 GB up", "to a client that stops reading")
        for server in servers:
            row(server.name, *(_measured(server, load) for load in (_download, _upload, _stop_reading)))


def _measured(server: WebServer, load: Callable[[int], int]) -> str:
    """What the load took from the server or gave to it, a second, and the growth."""
    before = memory_mb([server.pid])
    samples = [before]
    over = threading.Event()

    def watch() -> None:
        while not over.wait(SAMPLE_SECONDS):
            samples.append(memory_mb([server.pid]))

    watching = threading.Thread(target=watch)
    watching.start()
    began = time.perf_counter()
    moved = load(server.port)
    seconds = time.perf_counter() - began
    over.set()
    watching.join()
    speed = f"{moved / seconds / 1e6:,.0f} MB/s; " if moved else ""
    return f"{speed}{max(samples) - before:.1f} MB"


def _download(port: int) -> int:
    with _asked(port, f"GET /large/{SIZE} HTTP/1.1\r\nHost: {HOST}\r\n\r\n") as connection:
        return _received(connection, SIZE)


def _upload(port: int) -> int:
    head = f"POST /large/ HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {SIZE}\r\n\r\n"
    piece = bytes(1_000_000)
    with _asked(port, head) as connection:
        for _ in range(SIZE // len(piece)):
            connection.sendall(piece)
        if not connection.recv(1000).startswith(b"HTTP/1.1 200"):
            raise RuntimeError("the upload was not answered")
    return SIZE


def _stop_reading(port: int) -> int:
    with _asked(port, f"GET /large/{SIZE} HTTP/1.1\r\nHost: {HOST}\r\n\r\n") as connection:
        _received(connection, 1_000_000)
        time.sleep(STOPPED_SECONDS)
    return 0


def _asked(port: int, request: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=120)
    connection.sendall(request.encode())
    return connection


def _received(connection: socket.socket, size: int) -> int:
    """So many bytes, and what has come with them. Raises RuntimeError when there are less."""
    memory = bytearray(1 << 20)
    received = 0
    while received < size:
        count = connection.recv_into(memory)
        if not count:
            raise RuntimeError(f"only {received} bytes came")
        received += count
    return received


if __name__ == "__main__":
    main()
