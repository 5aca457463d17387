"""Worker processes as users start them."""

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mail.store.writer import stop_writer
from tests.world.ports import free_port
from tests.world.waiting import wait_until
from tests.world.world import World


class ProcessUnderTest:
    """A process with its log in a file."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path) -> None:
        self.log = log
        self._file = log.open("ab")
        self.process = subprocess.Popen(command, env=environment, stderr=self._file, stdout=self._file)

    def kill(self) -> None:
        """kill -9"""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """SIGTERM, and the clean end must come."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise
        self._file.close()


def worker_environment(world: World, **more: str) -> dict[str, str]:
    """The environment of a worker on the world's database, with a data directory of its own folder."""
    data = world.folder / "data"
    data.mkdir(mode=0o700, exist_ok=True)
    nowhere = {"MOXSITE_RESOLVER": "127.0.0.1:9"}
    return world.child_environment(MOXSITE_DATA=str(data), **(nowhere | more))


def move_clock_of_workers(world: World, microseconds: int) -> None:
    """Move the clock here and in worker processes, running ones included."""
    world.clock.advance(microseconds)
    folder = world.folder / "data" / "run"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "clock").write_text(str(world.clock.offset()))


@contextmanager
def delivery_worker(world: World, **environment: str) -> Iterator[ProcessUnderTest]:
    """manage.py runworker --jobs delivery, with the broker in its memory."""
    command = [sys.executable, "manage.py", "runworker", "--jobs", "delivery", "--threads", "20"]
    stop_writer()
    worker = ProcessUnderTest(command, worker_environment(world, **environment), world.folder / "worker.log")
    try:
        yield worker
    finally:
        worker.stop()


@contextmanager
def celery_worker(world: World, broker: str, name: str, **environment: str) -> Iterator[ProcessUnderTest]:
    """celery -A moxsite worker, with a broker."""
    queues = "delivery,background"
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "moxsite",
        "worker",
        "-n",
        name,
        "-Q",
        queues,
        "-c",
        "20",
    ]
    variables = worker_environment(world, CELERY_BROKER_URL=broker, **environment)
    worker = ProcessUnderTest(command, variables, world.folder / f"{name}.log")
    try:
        yield worker
    finally:
        worker.stop()


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """A Redis of its own; gives its URL."""
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: _answers(port), "Redis answers")
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait()


def missing_redis() -> bool:
    """Whether there is no Redis server to start."""
    return shutil.which("redis-server") is None


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
