"""A thousand destinations that take two seconds for each answer, and fast ones among them, with one worker.

The servers are an event loop in this process, the worker is one of its own, as it comes by default.
"""

import asyncio
import sys
import tempfile
import threading
from pathlib import Path

from benchmarks.environment import KINDS, fresh_world
from benchmarks.figures import head, percentile, row
from delivery.queue.waking import wake_dispatchers
from mail import clock
from mail.store.writer import stop_writer
from tests.world.dns import FakeDns
from tests.world.submissions import submission
from tests.world.waiting import wait_until
from tests.world.workers import ProcessUnderTest, worker_environment
from tests.world.world import World

SLOW = 1000
FAST = 20
SECONDS = 2.0
STEPS = 6
"""Answers until a message is taken: greeting, EHLO, MAIL, RCPT, DATA, end. Pipelining is not announced."""

_SLOW_IP, _FAST_IP = "127.0.0.1", "127.0.0.2"


class Sink:
    """Takes all mail at two addresses, at one of them slowly."""

    def __init__(self) -> None:
        self.taken: dict[str, float] = {}
        """When a recipient's message was taken, by the program's clock for durations."""
        self.connected = self.open = self.most_open = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result()

    def stop(self) -> None:
        """End the loop."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    async def _start(self) -> int:
        slow = await asyncio.start_server(self._serve, _SLOW_IP, 0, backlog=2048)
        port = int(slow.sockets[0].getsockname()[1])
        await asyncio.start_server(self._serve, _FAST_IP, port, backlog=2048)
        return port

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seconds = SECONDS if writer.get_extra_info("sockname")[0] == _SLOW_IP else 0.0
        self.connected += 1
        self.open += 1
        self.most_open = max(self.open, self.most_open)
        try:
            await self._talk(reader, writer, seconds)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open -= 1
            writer.close()

    async def _talk(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float
    ) -> None:  # fmt: skip
        recipient, answer = "", "220 sink"
        while True:
            await asyncio.sleep(seconds)
            writer.write(f"{answer}\r\n".encode())
            line = (await reader.readuntil(b"\r\n")).decode()
            match line[:4].upper():
                case "QUIT":
                    return
                case "RCPT":
                    recipient = line.partition("<")[2].partition(">")[0]
                    answer = "250 ok"
                case "DATA":
                    await asyncio.sleep(seconds)
                    writer.write(b"354 go ahead\r\n")
                    await reader.readuntil(b"\r\n.\r\n")
                    self.taken[recipient] = clock.monotonic()
                    answer = "250 taken"
                case _:
                    answer = "250 sink"


def main() -> None:
    """Print the table."""
    print(f"{SLOW} destinations, {STEPS} answers of {SECONDS:g} s each: {STEPS * SECONDS:g} s at the least\n")
    head(
        "database", "all taken in s", "at once", "peak MB", "CPU s",
        "a fast one among them, s (worst)", "while all are under way, s (worst)",
    )  # fmt: skip
    for kind in KINDS:
        try:
            with fresh_world(kind) as world, tempfile.TemporaryDirectory(prefix="moxsite-bench-") as folder:
                world.folder = Path(folder)
                _measure(kind, world)
        except LookupError as error:
            row(kind, f"not measured: {error}")


def _measure(kind: str, world: World) -> None:
    sink = Sink()
    world.lift_limits(world.alice)
    with FakeDns(_zones()) as dns:
        command = [sys.executable, "manage.py", "runworker", "--jobs", "delivery"]
        environment = worker_environment(
            world,
            MOXSITE_RESOLVER=f"127.0.0.1:{dns.address[1]}",
            MOXSITE_REMOTE_SMTP_PORT=str(sink.port),
        )
        _queue(world, "first@fast0.example")
        worker = ProcessUnderTest(command, environment, world.folder / "worker.log")
        try:
            wait_until(lambda: "first@fast0.example" in sink.taken, "the worker works", 60)
            started = clock.monotonic()
            queued = _queue_all(world)
            wait_until(lambda: sink.connected >= SLOW * 0.95, "nearly all are connected", 60)
            queued |= {f"later@fast{number}.example": 0.0 for number in range(FAST)}
            for address in [address for address, moment in queued.items() if not moment]:
                queued[address] = _queue(world, address)
            stop_writer()
            wait_until(lambda: len(sink.taken) == SLOW + 2 * FAST + 1, "all is taken", 180)
            seconds = max(sink.taken.values()) - started
            peak, cpu = _memory(worker.process.pid), _cpu_seconds(worker.process.pid)
        finally:
            worker.stop()
            sink.stop()
    among, later = (_delays(sink, queued, name) for name in ("among", "later"))
    row(
        kind,
        f"{seconds:.1f}",
        sink.most_open,
        peak,
        f"{cpu:.1f}",
        f"{percentile(among, 0.5):.2f} ({max(among):.2f})",
        f"{percentile(later, 0.5):.2f} ({max(later):.2f})",
    )


def _delays(sink: Sink, queued: dict[str, float], localpart: str) -> list[float]:
    return [
        sink.taken[address] - moment
        for address, moment in queued.items()
        if address.startswith(f"{localpart}@")
    ]


def _queue_all(world: World) -> dict[str, float]:
    """All slow ones with a fast one among every fifty. When each fast one was queued."""
    queued: dict[str, float] = {}
    for number in range(SLOW):
        world.writer.submit(submission(world.alice, [f"x@slow{number}.example"]))
        if number % (SLOW // FAST) == 0:
            address = f"among@fast{number * FAST // SLOW}.example"
            queued[address] = _queue(world, address)
    stop_writer()
    return queued


def _queue(world: World, address: str) -> float:
    world.writer.submit(submission(world.alice, [address])).result()
    wake_dispatchers(world.folder / "data" / "run")
    return clock.monotonic()


def _zones() -> dict[str, dict[str, list[str]]]:
    zones = {}
    for name, count, ip in (("slow", SLOW, _SLOW_IP), ("fast", FAST, _FAST_IP)):
        for number in range(count):
            zones[f"{name}{number}.example"] = {"MX": [f"10 mx.{name}{number}.example."]}
            zones[f"mx.{name}{number}.example"] = {"A": [ip]}
    return zones


def _memory(pid: int) -> int:
    """Megabytes that the process had resident at the most."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) // 1024


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


if __name__ == "__main__":
    main()
