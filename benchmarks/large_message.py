"""A message of 100 MB: memory of the process (aim: 16 MB) and how long others wait (aim: 50 ms)."""

import multiprocessing
import socket
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.environment import KINDS, fresh_world
from benchmarks.figures import head, percentile, row
from delivery.smtp.server.backend import Service
from tests.world.letters import letter
from tests.world.smtp_process import MailProcess
from tests.world.world import World

SIZE = 100_000_000
ALONE_SECONDS = 3.0
SENDER, RECIPIENT = "carol@remote.example", "alice@example.org"


def main() -> None:
    """Print a table: the waits of a session that sends NOOP, alone and beside the message."""
    head("database", "seconds", "memory MB", "NOOP ms alone: 99 %, worst", "beside it: median, 99 %, worst")
    for kind in KINDS:
        try:
            with fresh_world(kind) as world:
                _measure(kind, world)
        except LookupError as error:
            row(kind, f"not measured: {error}")


def _measure(kind: str, world: World) -> None:
    world.alice  # noqa: B018
    raw = letter() + (b"0123456789" * 7 + b"\r\n") * (SIZE // 72)
    with (
        tempfile.TemporaryDirectory() as folder,
        MailProcess(world, Path(folder)) as mail,
    ):
        mail.start()
        with mail.connect() as client:
            client.deliver(letter(), SENDER, RECIPIENT)
            alone = _waits(mail, lambda: time.sleep(ALONE_SECONDS))
            mail.forget_peak()
            before = mail.memory()
            started = time.perf_counter()
            beside = _waits(mail, lambda: client.deliver(raw, SENDER, RECIPIENT))
            seconds = time.perf_counter() - started
            growth = mail.peak_memory() - before
    row(
        kind,
        f"{seconds:.1f}",
        f"{growth / 1e6:.1f}",
        f"{percentile(alone, 0.99):.1f}, {max(alone):.1f}",
        f"{percentile(beside, 0.5):.1f}, {percentile(beside, 0.99):.1f}, {max(beside):.1f}",
    )


def _waits(mail: MailProcess, meanwhile: Callable[[], object]) -> list[float]:
    """Milliseconds of each NOOP that another process sends while `meanwhile` runs."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    asking = context.Process(target=ask, args=(mail.ports[Service.SMTP], there))
    asking.start()
    here.recv()
    meanwhile()
    here.send("stop")
    waits: list[float] = here.recv()
    asking.join()
    return waits


def ask(port: int, control: Connection) -> None:
    """Send NOOP every few milliseconds until told to stop."""
    waits: list[float] = []
    control.send("asking")
    while not control.poll():
        waits += _session(port, control)
    control.send(waits)


def _session(port: int, control: Connection) -> list[float]:
    """Fewer questions than make the server think that no mail will ever come."""
    waits: list[float] = []
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.recv(1000)
        while len(waits) < 50 and not control.poll(0.002):
            started = time.perf_counter()
            connection.sendall(b"NOOP\r\n")
            if not connection.recv(1000).startswith(b"250"):
                raise ConnectionError("the server does not answer as it should")
            waits.append(1000 * (time.perf_counter() - started))
    return waits


if __name__ == "__main__":
    main()
