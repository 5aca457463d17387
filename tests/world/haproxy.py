"""haproxy, which passes connections on as they are and says whose they were."""

import contextlib
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path


def program() -> str | None:
    """Its path."""
    return shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")


@contextlib.contextmanager
def started(folder: Path, target: int, how: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """haproxy on a free port in front of another one of 127.0.0.1."""
    found = program()
    assert found is not None
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    configuration = folder / "haproxy.cfg"
    configuration.write_text(
        "defaults\n  mode tcp\n  timeout connect 5s\n  timeout client 20s\n  timeout server 20s\n"
        f"listen service\n  bind 127.0.0.1:{port}\n  server ours 127.0.0.1:{target} {how}\n"
    )
    process = subprocess.Popen([found, "-f", str(configuration), "-db"], stderr=subprocess.PIPE)
    try:
        yield port, process
    finally:
        process.terminate()
        process.communicate(timeout=20)


def answers(port: int, process: subprocess.Popen[bytes]) -> bool:
    """Whether it is open."""
    assert process.poll() is None
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
