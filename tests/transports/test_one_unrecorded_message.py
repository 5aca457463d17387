"""Over one connection no message ends before what came of the last one is on disk."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from delivery.transports.connections import ConnectionCache
from delivery.transports.group import GroupResult, Mail
from tests.transports.delivering import CAROL, DAVE, OTHER, Elsewhere, mail
from tests.world.smtp_peer import PLAIN_EXTENSIONS, Ordinary

RELAY = "relay.example"


class Record(Future[Any]):
    """Is not done by itself, and knows whether somebody waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.awaited = threading.Event()

    def add_done_callback(self, fn: Callable[[Future[Any]], object]) -> None:
        super().add_done_callback(fn)
        self.awaited.set()


class Records:
    """A writer that is slow: what is handed to it is on disk when the test says so."""

    def __init__(self) -> None:
        self._made: list[Record] = []
        self._changed = threading.Condition()

    def make(self) -> Record:
        with self._changed:
            self._made.append(Record())
            self._changed.notify_all()
        return self._made[-1]

    def number(self, index: int) -> Record:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self._made) > index, 60)
        return self._made[index]


@pytest.fixture
def records(elsewhere: Elsewhere) -> Records:
    records = Records()
    elsewhere.connections = ConnectionCache()
    elsewhere.record = records.make
    return records


def deliver(elsewhere: Elsewhere, *groups: Sequence[Mail]) -> list[GroupResult]:
    async def one_after_the_other() -> list[GroupResult]:
        settings = {"host": RELAY, "port": elsewhere.port, "no_starttls": True}
        results = [await elsewhere.deliver_async(group, "submission", settings) for group in groups]
        assert elsewhere.connections is not None
        await elsewhere.connections.close(5)
        return results

    return asyncio.run(one_after_the_other())


@pytest.mark.parametrize("extensions", [PLAIN_EXTENSIONS, ("8BITMIME",)], ids=["pipelining", "in turn"])
@pytest.mark.parametrize(
    "groups",
    [[[mail(CAROL), mail(DAVE, key=2)]], [[mail(CAROL)], [mail(DAVE, key=2)]]],
    ids=["one group", "two groups"],
)
def test_the_next_message_ends_when_the_last_one_is_recorded(
    elsewhere: Elsewhere, records: Records, groups: list[list[Mail]], extensions: tuple[str, ...]
) -> None:
    server = elsewhere.server(RELAY, Ordinary(extensions=extensions))
    with ThreadPoolExecutor(1) as thread:
        delivering = thread.submit(deliver, elsewhere, *groups)
        first = records.number(0)
        assert first.awaited.wait(60)
        assert len(server.messages) == 1
        first.set_result(None)
        records.number(1).set_result(None)
        results = delivering.result(60)
    assert all(result.delivered for result in results)
    assert [len(session.messages) for session in server.sessions] == [2]


def test_a_refusal_in_between_does_not_make_it_forgotten(elsewhere: Elsewhere, records: Records) -> None:
    server = elsewhere.server(RELAY, Ordinary(rcpt={DAVE: "550 5.1.1 no"}))
    mails = [mail(CAROL), mail(DAVE, key=2), mail(OTHER, key=3)]
    with ThreadPoolExecutor(1) as thread:
        delivering = thread.submit(deliver, elsewhere, mails)
        refusal = records.number(1)
        refusal.set_result(None)
        first = records.number(0)
        assert first.awaited.wait(60)
        assert len(server.messages) == 1
        first.set_result(None)
        records.number(2).set_result(None)
        delivering.result(60)
    assert len(server.messages) == 2


def test_a_result_that_cannot_be_recorded_keeps_nothing_back(elsewhere: Elsewhere, records: Records) -> None:
    server = elsewhere.server(RELAY, Ordinary())
    with ThreadPoolExecutor(1) as thread:
        delivering = thread.submit(deliver, elsewhere, [mail(CAROL), mail(DAVE, key=2)])
        records.number(0).set_exception(RuntimeError("disk full"))
        records.number(1).set_result(None)
        assert delivering.result(60)[0].delivered
    assert len(server.messages) == 2
