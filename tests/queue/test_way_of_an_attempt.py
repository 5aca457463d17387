"""What the rows keep of the hosts that an attempt came to, and what the next attempt makes of it."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from delivery.models import Attempt, QueuedRecipient
from delivery.queue.way import dialled_json, tries_json
from delivery.smtp.client.failure import Stage, local_failure, refused
from delivery.transports.group import HostTry
from mail import clock
from mail.errors import Reply
from tests.world.delivering import deliverer
from tests.world.dns import FakeDns
from tests.world.smtp_peer import Ordinary, SmtpPeer
from tests.world.submissions import queue_letter
from tests.world.world import World

MX = "mx.remote.example"
ZONES = {
    "remote.example": {"MX": ["10 dead.remote.example.", f"20 {MX}."]},
    "dead.remote.example": {"A": ["127.0.0.9"]},
    MX: {"A": ["127.0.0.1"], "AAAA": ["::1"]},
}


@pytest.fixture
def dns() -> Iterator[FakeDns]:
    with FakeDns(ZONES) as server:
        yield server


def attempt_after(row: QueuedRecipient) -> Attempt:
    """The last attempt, after which the clock stands at the next one's time."""
    row.refresh_from_db()
    if row.due is not None:
        clock.advance(row.due - clock.now() + 1)
    return Attempt.objects.filter(recipient=row).latest("number")


def test_attempts_alternate_between_the_families_and_the_rows_say_so(world: World, dns: FakeDns) -> None:
    busy = Ordinary(mail="450 4.7.1 greylisted")
    with (
        SmtpPeer(busy) as four,
        SmtpPeer(busy, ip="::1", port=four.port),
        deliverer(world, dns, smtp_port=four.port) as worker,
    ):
        (row,) = queue_letter(world, "carol@remote.example")
        attempts = []
        for _ in range(3):
            worker.deliver_due()
            attempts.append(attempt_after(row))
    assert attempts[0].ip != attempts[1].ip != attempts[2].ip
    assert row.dialled == {MX: [attempt.ip for attempt in attempts]}
    dead, taken = attempts[0].tries
    assert (dead["host"], dead["port"], dead["ip"]) == ("dead.remote.example", four.port, "127.0.0.9")
    assert dead["failure"].startswith("451 4.4.1")
    assert (taken["host"], taken["ip"], taken["failure"]) == (MX, attempts[0].ip, "")


def test_a_delivery_says_by_which_hosts_it_went(world: World, dns: FakeDns) -> None:
    with (
        SmtpPeer(Ordinary()) as four,
        SmtpPeer(Ordinary(), ip="::1", port=four.port),
        deliverer(world, dns, smtp_port=four.port) as worker,
    ):
        (row,) = queue_letter(world, "carol@remote.example")
        worker.deliver_due()
    attempt = attempt_after(row)
    assert [each["host"] for each in attempt.tries] == ["dead.remote.example", MX]
    assert row.dialled == {}


def host_try(host: str, ip: str, stage: Stage | None = None) -> HostTry:
    failure = None if stage is None else local_failure(stage, 451, "4.4.2", "no")
    return HostTry(host, 25, ip, failure, 0.12345)


def test_only_addresses_that_took_a_connection_are_remembered() -> None:
    tries = [
        host_try("a.example", "", Stage.RESOLVE),
        host_try("b.example", "192.0.2.1", Stage.CONNECT),
        host_try("c.example", "192.0.2.2", Stage.GREETING),
        host_try("d.example", "192.0.2.3"),
    ]
    dialled = dialled_json({}, tries)
    assert dialled is not None
    assert json.loads(dialled) == {"c.example": ["192.0.2.2"], "d.example": ["192.0.2.3"]}
    assert dialled_json({"a.example": ["192.0.2.9"]}, tries[:2]) is None


def test_a_host_counts_once_for_each_attempt_and_its_last_four_are_kept() -> None:
    earlier = {"a.example": ["1.1.1.1", "2.2.2.2", "3.3.3.3", "4.4.4.4"], "b.example": ["5.5.5.5"]}
    dialled = dialled_json(earlier, [host_try("a.example", "6.6.6.6"), host_try("a.example", "6.6.6.6")])
    assert dialled is not None
    assert json.loads(dialled) == {
        "b.example": ["5.5.5.5"],
        "a.example": ["2.2.2.2", "3.3.3.3", "4.4.4.4", "6.6.6.6"],
    }


def test_the_hosts_of_the_last_attempts_are_kept() -> None:
    earlier = {f"h{number}.example": ["192.0.2.1"] for number in range(20)}
    dialled = dialled_json(earlier, [host_try("new.example", "192.0.2.2")])
    assert dialled is not None
    hosts = list(json.loads(dialled))
    assert (len(hosts), hosts[0], hosts[-1]) == (20, "h1.example", "new.example")


def test_tries_are_short_and_few() -> None:
    failure = refused(Stage.GREETING, Reply(554, "", "no " * 1000))
    tries = [HostTry(f"h{number}.example", 25, "192.0.2.1", failure, 0.12345) for number in range(30)]
    entries = json.loads(tries_json(tries))
    assert [each["host"] for each in entries] == [f"h{number}.example" for number in range(10, 30)]
    assert len(entries[0]["failure"]) == 300
    assert entries[0]["seconds"] == 0.123
    assert "reused" not in entries[0]


def test_an_open_session_is_marked_as_such() -> None:
    (entry,) = json.loads(tries_json([replace(host_try(MX, "192.0.2.1"), reused=True)]))
    assert entry == {
        "host": MX,
        "port": 25,
        "ip": "192.0.2.1",
        "failure": "",
        "seconds": 0.123,
        "reused": True,
    }
