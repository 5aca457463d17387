import os
import subprocess
import sys
from pathlib import Path

import pytest

from delivery.models import Attempt, QueuedRecipient
from delivery.queue.begin import BeginAttempts
from delivery.queue.leasing import LeaseDue, dispatcher_number
from delivery.queue.predecessors import FreeLeases, LivingWorker, dead_workers
from mail import clock
from tests.world.smtp_peer import Ordinary, PeerSession, SmtpPeer
from tests.world.submissions import queue_letter
from tests.world.waiting import wait_until
from tests.world.workers import delivery_worker
from tests.world.world import World

pytestmark = pytest.mark.long

HOLD = """
import sys, pathlib
from delivery.queue.predecessors import LivingWorker
LivingWorker(pathlib.Path(sys.argv[1]), int(sys.argv[2]))
print("holds", flush=True)
sys.stdin.read()
"""


def test_a_living_worker_is_not_taken_for_dead(tmp_path: Path) -> None:
    living = LivingWorker(tmp_path, 7)
    assert list(dead_workers(tmp_path)) == []
    living.end()
    assert list(dead_workers(tmp_path)) == []
    assert list(tmp_path.iterdir()) == []


def test_a_killed_worker_is_found_once(tmp_path: Path) -> None:
    command = [sys.executable, "-c", f"import django; django.setup(){HOLD}", str(tmp_path), "8"]
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == b"holds\n"
        assert list(dead_workers(tmp_path)) == []
        process.kill()
    assert list(dead_workers(tmp_path)) == [8]
    assert list(dead_workers(tmp_path)) == []


def test_a_lock_of_another_host_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "worker-9.lock").write_text("elsewhere\nanother-boot\n")
    assert list(dead_workers(tmp_path)) == []


def test_freed_recipients_are_due_at_once_but_a_begun_attempt_counts(world: World) -> None:
    queue_letter(world, "a@remote.example", "b@remote.example")
    number = dispatcher_number()
    leased = world.writer.submit(LeaseDue(10, 10, "", number)).result().recipients
    queue_letter(world, "c@remote.example")
    others = world.writer.submit(LeaseDue(10, 10, "", number + 1)).result().recipients
    (begun,) = world.writer.submit(
        BeginAttempts(((leased[1].id, "rule"),), leased[1].token, "relay")
    ).result()
    assert world.writer.submit(FreeLeases(number)).result() == 2

    again = world.writer.submit(LeaseDue(10, 10, "", number + 2)).result()
    assert [each.id for each in again.recipients] == [leased[0].id]
    row = QueuedRecipient.objects.get(pk=leased[1].id)
    assert (row.attempts, row.due, row.lease_token) == (1, begun.next_due, 0)
    assert QueuedRecipient.objects.get(pk=others[0].id).lease_token == others[0].token


@pytest.mark.only_database("sqlite")
def test_after_kill_9_the_next_worker_takes_over_at_once(world: World) -> None:
    """One recipient's attempt hangs at the server, another one is leased and not begun."""
    answering = Ordinary()
    hang = [True]

    def script(session: PeerSession) -> None:
        if hang[0]:
            session.wait_for_close()
        else:
            answering(session)

    with SmtpPeer(script) as server:
        world.relay_everything(server.port)
        (row,) = queue_letter(world, "a@remote.example")
        with delivery_worker(world) as worker:
            wait_until(lambda: server.sessions, "the worker has connected")
            worker.kill()
        hang[0] = False
        row.refresh_from_db()
        assert row.lease_token > 0
        queue_letter(world, "b@remote.example")
        number = row.lease_token >> 31
        token, until = number << 31, clock.now() + clock.HOUR
        QueuedRecipient.objects.exclude(pk=row.pk).update(lease_token=token, lease_until=until, due=until)
        with delivery_worker(world):
            wait_until(
                lambda: QueuedRecipient.objects.filter(state="delivered").count() == 1, "it takes over"
            )
    row.refresh_from_db()
    assert (row.state, row.attempts, row.lease_token) == ("waiting", 1, 0)
    assert Attempt.objects.get(recipient=row).outcome == "running"
