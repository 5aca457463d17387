"""Relaying through one smarthost, from submission to the sink, with Postfix in turn where it can be run.

Ten sessions submit under TLS with a login; the time runs until the sink has counted the last message.
"""

import contextlib
import os
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.accept import Target
from benchmarks.environment import KINDS, fresh_world
from benchmarks.figures import head, row, spread
from benchmarks.load.smtp import Course, content, run
from benchmarks.processor import processor_ms
from tests.world.authority import Authority
from tests.world.mail_processes import MailProcesses
from tests.world.ports import free_port
from tests.world.postfix import Postfix, why_not
from tests.world.waiting import wait_until
from tests.world.world import PASSWORD

ROUNDS = 3
MESSAGES = 3000
SESSIONS = 10
DOMAINS = (100, 1)
SIZE = 1024
SENDER = "alice@example.org"
RECIPIENT = "u%d@d%d.example"


@dataclass(frozen=True)
class Run:
    """One measurement: messages a second, and processor time for each."""

    rate: float
    processor_ms: float


class Sink:
    """smtp-sink of Postfix, which counts what it takes and keeps nothing."""

    def __init__(self) -> None:
        self.port = free_port()
        command = ["smtp-sink", "-u", "postfix", "-c", f"127.0.0.1:{self.port}", "500"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.count = 0
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()

    def _follow(self) -> None:
        """It writes “sess=… quit=… mesg=…” again and again, separated by carriage returns."""
        assert self._process.stdout is not None
        text = b""
        while data := os.read(self._process.stdout.fileno(), 4096):
            text = (text + data)[-4096:]
            if b"mesg=" in text:
                number = text.rpartition(b"mesg=")[2].split()[:1]
                if number and text.endswith((b" ", b"\r", b"\n")):
                    self.count = max(self.count, int(number[0]))


def main() -> None:
    """Print the table."""
    if shutil.which("smtp-sink") is None or why_not():
        print(f"not measured: {why_not() or 'smtp-sink is not installed'}")
        return
    print(
        f"{MESSAGES} messages from {SESSIONS} sessions, {ROUNDS} rounds in turn, messages/s: median (range)\n"
    )
    columns = (f"{domains} recipient domains | CPU ms a message" for domains in DOMAINS)
    head("server", *" | ".join(columns).split(" | "))
    sink = Sink()
    try:
        with _targets(sink.port) as targets:
            runs = _measure(targets, sink)
    finally:
        sink.stop()
    for target in targets:
        cells: list[str] = []
        for domains in DOMAINS:
            done = runs[target.name, domains]
            cells += [spread([each.rate for each in done])]
            cells += [f"{statistics.median(each.processor_ms for each in done):.2f}"]
        row(target.name, *cells)


def _measure(targets: list[Target], sink: Sink) -> dict[tuple[str, int], list[Run]]:
    runs: dict[tuple[str, int], list[Run]] = {}
    for target in targets:
        _run(target, sink, 10, 200)
    for domains in DOMAINS:
        for _ in range(ROUNDS):
            for target in targets:
                done = _run(target, sink, domains, MESSAGES)
                runs.setdefault((target.name, domains), []).append(done)
    return runs


def _run(target: Target, sink: Sink, domains: int, messages: int) -> Run:
    wanted = sink.count + messages
    course = Course(
        address=("127.0.0.1", target.port),
        sender=SENDER,
        recipient=RECIPIENT,
        content=content(SIZE, SENDER, RECIPIENT),
        per_connection=messages,
        left=messages,
        login=f"alice:{PASSWORD}",
        domains=domains,
    )
    used = processor_ms(target.pids)
    started = time.perf_counter()
    run(course, SESSIONS)
    wait_until(lambda: sink.count >= wanted, f"{target.name} delivers all", 60)
    rate = messages / (time.perf_counter() - started)
    return Run(rate, (processor_ms(target.pids) - used) / messages)


@contextmanager
def _targets(sink_port: int) -> Iterator[list[Target]]:
    with contextlib.ExitStack() as stack:
        targets = [
            target for kind in KINDS for target in stack.enter_context(_moxsite(kind, sink_port))
        ]  # fmt: skip
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="moxsite-bench-")))
        postfix = stack.enter_context(_postfix(Authority(folder), sink_port))
        yield [*targets, postfix]


@contextmanager
def _postfix(authority: Authority, sink_port: int) -> Iterator[Target]:
    settings = {
        "relayhost": f"[127.0.0.1]:{sink_port}",
        "virtual_mailbox_domains": "",
        "smtpd_relay_restrictions": "permit_sasl_authenticated, reject",
        "disable_dns_lookups": "yes",
    }
    server = Postfix(
        certificate=authority.files("localhost"), logins={"alice": PASSWORD}, settings=settings
    )  # fmt: skip
    with server as postfix:
        yield Target("Postfix", postfix.submissions_port, [postfix.pid])


@contextmanager
def _moxsite(kind: str, sink_port: int) -> Iterator[list[Target]]:
    try:
        with fresh_world(kind) as world, tempfile.TemporaryDirectory(prefix="moxsite-bench-") as folder:
            world.lift_limits(world.alice)
            world.folder = Path(folder)
            world.relay_everything(sink_port)
            with MailProcesses(world) as processes:
                yield [Target(f"moxsite, {kind}", processes.implicit_port, processes.pids)]
    except LookupError as error:
        row(f"moxsite, {kind}", f"not measured: {error}")
        yield []


if __name__ == "__main__":
    main()
