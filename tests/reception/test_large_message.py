import hashlib
import threading
from pathlib import Path

import pytest

from mail import clock
from mail.store.contents import read
from tests.world.letters import letter
from tests.world.smtp_process import MailProcess
from tests.world.world import World

pytestmark = pytest.mark.long

SIZE = 100_000_000
GROWTH = 16_000_000
PATIENCE_SECONDS = 1.0
"""A busy machine is allowed for; benchmarks/large_message.py has the real figure."""

QUESTIONS_A_SESSION = 50
"""More would be taken for a client that never has mail."""


class Bystander(threading.Thread):
    """A second session that asks for an answer again and again; `slowest` is the longest wait."""

    def __init__(self, mail: MailProcess) -> None:
        super().__init__()
        self._mail = mail
        self._enough = threading.Event()
        self.slowest = 0.0
        self.answers = 0

    def run(self) -> None:
        while not self._enough.is_set():
            self._session()

    def stop(self) -> None:
        self._enough.set()
        self.join()

    def _session(self) -> None:
        with self._mail.connect() as client:
            for _ in range(QUESTIONS_A_SESSION):
                started = clock.monotonic()
                client.expect("250", "NOOP")
                self.slowest = max(self.slowest, clock.monotonic() - started)
                self.answers += 1
                if self._enough.wait(0.005):
                    return


def test_a_hundred_megabytes_arrive_unaltered_in_little_memory_and_delay_nobody(
    world: World, tmp_path: Path
) -> None:
    world.alice  # noqa: B018
    line = bytes(range(48, 122)) + b"\r\n"
    raw = letter() + line * (SIZE // len(line))
    with MailProcess(world, tmp_path) as mail:
        mail.start()
        with mail.connect() as client:
            assert client.deliver(letter(), "carol@remote.example", "alice@example.org").startswith("250")
            mail.forget_peak()
            before = mail.memory()
            bystander = Bystander(mail)
            bystander.start()
            assert client.deliver(raw, "carol@remote.example", "alice@example.org").startswith("250")
            bystander.stop()
            growth = mail.peak_memory() - before
        assert mail.stop() == 0
    _, message = world.messages(world.alice)
    kept = hashlib.sha256()
    for piece in read(message.content_id):
        kept.update(piece)
    assert kept.digest() == bytes(message.content.sha256) == hashlib.sha256(raw).digest()
    assert growth < GROWTH
    assert bystander.answers > 10
    assert bystander.slowest < PATIENCE_SECONDS
