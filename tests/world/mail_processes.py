"""runsmtp and a delivery worker as processes that can be killed and started again at any moment."""

import random
import socket
import sys
import threading
from pathlib import Path

from mail import clock
from mail.store.writer import stop_writer
from tests.world.authority import Authority
from tests.world.ports import free_offset
from tests.world.waiting import wait_until
from tests.world.workers import ProcessUnderTest, worker_environment
from tests.world.world import World

_COMMANDS = {"smtp": ["runsmtp"], "delivery": ["runworker", "--jobs", "delivery"]}


MOST_KILLS = 8
"""Each costs the start of a process."""


class MailProcesses:
    """Both processes on the world's database.

    `port` is the submission port, `implicit_port` the one with TLS from the first byte.
    """

    def __init__(self, world: World, authority: Authority | None = None, **environment: str) -> None:
        self.authority = authority or Authority(world.folder)
        certificate, key = self.authority.files("localhost")
        offset = free_offset((25, 465, 587))
        self.port = 587 + offset
        self.implicit_port = 465 + offset
        self._folder = world.folder
        stop_writer()
        self._environment = worker_environment(
            world,
            MOXSITE_IPS="127.0.0.1",
            MOXSITE_PORT_OFFSET=str(offset),
            MOXSITE_TLS_CERT_FILE=str(certificate),
            MOXSITE_TLS_KEY_FILE=str(key),
            **environment,
        )
        self._running: dict[str, ProcessUnderTest] = {}
        self.kills = dict.fromkeys(_COMMANDS, 0)
        self.last_kill = clock.now()

    def __enter__(self) -> "MailProcesses":
        for name in _COMMANDS:
            self._start(name)
        wait_until(self.answers, "the submission port answers")
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._running.values():
            process.stop()

    @property
    def pids(self) -> list[int]:
        """Both processes as they run now."""
        return [running.process.pid for running in self._running.values()]

    def answers(self) -> bool:
        """Whether the submission port is open."""
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def kill_and_restart(self, name: str) -> None:
        """kill -9, and at once a new process in its place."""
        self._running[name].kill()
        self.kills[name] += 1
        self.last_kill = clock.now()
        self._start(name)

    @property
    def all_were_killed(self) -> bool:
        """Whether each process was killed at least once."""
        return min(self.kills.values()) > 0

    def kill_at_random(self, finished: threading.Event, seed: int) -> threading.Thread:
        """Kill one or the other every now and then until `finished`, both in turn at the beginning."""
        chance = random.Random(seed)

        def work() -> None:
            names = list(_COMMANDS)
            while sum(self.kills.values()) < MOST_KILLS and not finished.wait(chance.uniform(0.2, 0.8)):
                missing = [name for name in names if not self.kills[name]]
                self.kill_and_restart(chance.choice(missing or names))
                wait_until(self.answers, "the submission port answers again", 180)

        thread = threading.Thread(target=work, name="killer")
        thread.start()
        return thread

    def _start(self, name: str) -> None:
        log: Path = self._folder / f"{name}.log"
        command = [sys.executable, "manage.py", *_COMMANDS[name]]
        self._running[name] = ProcessUnderTest(command, self._environment, log)
