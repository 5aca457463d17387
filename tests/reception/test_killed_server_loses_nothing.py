import hashlib
import itertools
import random
import threading
from pathlib import Path

import pytest

from mail.store.verify import damaged_contents
from tests.world.letters import letter
from tests.world.smtp_dialogue import ConnectionEnded, Dialogue
from tests.world.smtp_process import MailProcess
from tests.world.world import World

pytestmark = pytest.mark.long

MESSAGES = 500
SESSIONS = 8
KILLS = 25


class Senders:
    """Sessions that send messages until enough of them were accepted; a lost connection is opened again."""

    def __init__(self, mail: MailProcess) -> None:
        self._mail = mail
        self._numbers = itertools.count()
        self._lock = threading.Lock()
        self.accepted: dict[str, bytes] = {}
        """SHA-256 of what got its 250, by subject."""
        self.lost = 0

    def run(self) -> None:
        threads = [threading.Thread(target=self._send) for _ in range(SESSIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _send(self) -> None:
        while len(self.accepted) < MESSAGES:
            try:
                with self._mail.connect() as client:
                    self._send_until_lost(client)
            except (ConnectionEnded, OSError):
                self.lost += 1

    def _send_until_lost(self, client: Dialogue) -> None:
        while len(self.accepted) < MESSAGES:
            with self._lock:
                number = next(self._numbers)
            size = 900_000 if number % 25 == 7 else random.Random(number).randrange(20_000)
            raw = letter(f"message {number}", random.Random(number).randbytes(size).hex().encode() + b"\r\n")
            answer = client.deliver(raw, "carol@remote.example", "alice@example.org", "bob@example.org")
            assert answer.startswith("250"), answer
            self.accepted[f"message {number}"] = hashlib.sha256(raw).digest()


def test_what_got_its_250_is_there_whole_and_once(world: World, tmp_path: Path) -> None:
    world.alice, world.bob  # noqa: B018
    with MailProcess(world, tmp_path) as mail:
        mail.start((str(Path(__file__).with_name("dying_server.py")), str(KILLS)))
        senders = Senders(mail)
        senders.run()
        log = mail.log
    assert len(senders.accepted) >= MESSAGES
    for account in (world.alice, world.bob):
        messages = world.messages(account)
        kept = {message.content.subject: bytes(message.content.sha256) for message in messages}
        assert len(kept) == len(messages), "something was delivered twice"
        assert senders.accepted.items() <= kept.items()
        # Committed, then killed before the 250 went out: at most one in each session.
        assert len(kept) - len(senders.accepted) <= SESSIONS * KILLS
    assert [damage for _, damage in damaged_contents() if damage] == []
    assert senders.lost > 10, "too few kills to prove anything"
    assert "Traceback" not in log
