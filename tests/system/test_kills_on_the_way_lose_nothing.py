import collections
import hashlib
import smtplib
import ssl
import threading
from collections.abc import Iterator, Sequence
from functools import partial

import pytest

from delivery.models import Attempt, QueuedRecipient
from delivery.queue.leases import LEASE
from mail import clock
from tests.world.mail_processes import MailProcesses
from tests.world.smtp_peer import Ordinary, PeerSession, SmtpPeer
from tests.world.waiting import wait_until
from tests.world.workers import move_clock_of_workers
from tests.world.world import PASSWORD, World

pytestmark = pytest.mark.long

MESSAGES = 500
SESSIONS = 5
RECIPIENTS = ("bob@example.org", "carol@remote.example", "dave@remote.example", "erin@other.example")


class Client:
    """Submits messages, each under a new name, and notes which ones were answered with 250."""

    def __init__(self, processes: MailProcesses) -> None:
        self._processes = processes
        self._tls = ssl.create_default_context(cafile=str(processes.authority.ca_file))
        self._numbers = iter(range(1_000_000))
        self._lock = threading.Lock()
        self.accepted: set[str] = set()

    def submit_all(self) -> None:
        threads = [threading.Thread(target=self._session) for _ in range(SESSIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    @property
    def _goes_on(self) -> bool:
        return len(self.accepted) < MESSAGES or not self._processes.all_were_killed

    def _session(self) -> None:
        while self._goes_on:
            try:
                with smtplib.SMTP("localhost", self._processes.port, timeout=20) as client:
                    client.starttls(context=self._tls)
                    client.login("alice", PASSWORD)
                    while self._goes_on:
                        self._submit(client)
            except (OSError, smtplib.SMTPException):
                wait_until(self._processes.answers, "the server is back", 180)

    def _submit(self, client: smtplib.SMTP) -> None:
        with self._lock:
            name = f"m{next(self._numbers)}"
        client.sendmail("alice@example.org", RECIPIENTS, message(name))
        with self._lock:
            self.accepted.add(name)


def message(name: str) -> bytes:
    body = (hashlib.sha256(name.encode()).hexdigest() + "\r\n") * (1 + int(name[1:]) % 40)
    header = (
        f"From: alice@example.org\r\nSubject: {name}\r\nMessage-ID: <{name}@example.org>\r\nDate: {DATE}\r\n"
    )
    return f"{header}\r\n{body}".encode()


DATE = "Sun, 22 Nov 2026 12:00:00 +0000"


def name_in(raw: bytes) -> str:
    return raw.partition(b"Subject: ")[2].partition(b"\r\n")[0].decode()


Transaction = tuple[str, tuple[str, ...]]
"""The name of a message, and its recipients."""


def transactions(session: PeerSession) -> Iterator[Transaction]:
    """Those that were completed."""
    waiting: list[str] = []
    messages = iter(session.messages)
    for line in session.lines:
        if line.startswith("MAIL"):
            waiting = []
        elif line.startswith("RCPT"):
            waiting.append(line.partition("<")[2].partition(">")[0])
        elif line == "DATA":
            raw = next(messages, b"")  # the last one may have been cut off
            if raw:
                assert raw.endswith(message(name_in(raw)) + b".\r\n"), "altered on the way"
                yield name_in(raw), tuple(waiting)


def repeated(sessions: Sequence[Sequence[Transaction]]) -> list[set[Transaction]]:
    """What of each session was sent again in a later one."""
    latest = {
        (name, recipient): number
        for number, completed in enumerate(sessions)
        for name, recipients in completed
        for recipient in recipients
    }
    return [
        {each for each in completed if any(latest[each[0], recipient] > number for recipient in each[1])}
        for number, completed in enumerate(sessions)
    ]


def settled() -> bool:
    return not QueuedRecipient.objects.filter(state="waiting").exists()


def test_every_accepted_message_arrives_whatever_is_killed(world: World) -> None:
    world.bob  # noqa: B018
    world.lift_limits(world.alice)
    with SmtpPeer(Ordinary()) as relay:
        world.relay_everything(relay.port)
        finished = threading.Event()
        with MailProcesses(world) as processes:
            killer = processes.kill_at_random(finished, seed=len(world.database_url))
            client = Client(processes)
            try:
                client.submit_all()
            finally:
                finished.set()
                killer.join()
            drain(world, processes.last_kill)
        sessions = [list(transactions(session)) for session in relay.sessions]
    reached = collections.Counter(
        (name, recipient)
        for completed in sessions
        for name, recipients in completed
        for recipient in recipients
    )
    assert len(client.accepted) >= MESSAGES
    for name in client.accepted:
        for recipient in RECIPIENTS[1:]:
            assert reached[name, recipient] >= 1, f"{name} to {recipient} is lost"
    copies = collections.Counter(name_in(world.message_bytes(kept)) for kept in world.messages(world.bob))
    assert client.accepted <= set(copies)
    assert set(copies.values()) == {1}
    repeats = {key: count for key, count in reached.items() if count > 1}
    for name, recipient in repeats:
        interrupted = Attempt.objects.filter(
            recipient__message__subject=name,
            recipient__localpart=recipient.partition("@")[0],
            outcome=Attempt.Outcome.RUNNING,
        )
        assert interrupted.exists(), f"{name} was repeated without a kill"
    assert max(map(len, repeated(sessions))) <= 1, "more than one was on its way over a connection"


def drain(world: World, last_kill: clock.Moment) -> None:
    """What a killed worker held waits for its lease or its next attempt: move the clock there."""
    for hours in range(8):
        wait_until(partial(idle, last_kill + hours * clock.HOUR), "what is due was attempted", 120)
        if settled():
            return
        move_clock_of_workers(world, clock.HOUR)
    assert settled()


def idle(last_kill: clock.Moment) -> bool:
    """Whether nothing is due or leased by a worker that lives: leases of killed ones ended earlier."""
    waiting = QueuedRecipient.objects.filter(state="waiting")
    leased = waiting.filter(lease_token__gt=0, lease_until__gt=last_kill + LEASE)
    return not waiting.filter(due__lte=clock.now()).exists() and not leased.exists()
