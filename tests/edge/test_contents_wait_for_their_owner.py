"""Content of a request comes to its owner whole and in order, and not before it is asked for."""

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator

import pytest

from tests.edge.backends import Talker
from tests.edge.serving import Answer, EdgeUnderTest, read_all, running_edge
from tests.edge.sites import HOST
from tests.edge.test_forwarding import forwarding
from webserver.edge.exchange import Exchange
from webserver.handlers.forward.serving.backend_connection import BackendConnection
from webserver.handlers.forward.serving.pool import Pool

LENGTH = 300_000
CONTENT = bytes(range(256)) * (LENGTH // 256 + 1)


class Owner:
    """Owns an exchange from its beginning, and wants the content when the test says so."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.received: list[bytes] = []
        self.pauses = False
        exchange.owner = self

    def body_received(self, data: bytes) -> None:
        """See Owner of the exchange."""
        self.received.append(data)
        if self.pauses:
            self.exchange.pause_reading()

    def body_ended(self) -> None:
        """The same."""
        whole = b"".join(self.received)
        self.exchange.respond(200, [], b"right" if whole == CONTENT[: len(whole)] else b"wrong")

    def pause_writing(self) -> None:
        """The same."""

    def resume_writing(self) -> None:
        """The same."""

    def client_gone(self) -> None:
        """The same."""


owners: "queue.Queue[Owner]" = queue.Queue()


@pytest.fixture(scope="module")
def edge() -> Iterator[EdgeUnderTest]:
    def dispatch(exchange: Exchange) -> None:
        owners.put(Owner(exchange))

    with running_edge(dispatch) as running:
        yield running


def on_the_loop(edge: EdgeUnderTest, call: Callable[[], None]) -> None:
    """Call it when all that has come was read, which happens in the turn that hears of the call."""
    done = threading.Event()

    def last() -> None:
        call()
        done.set()

    edge.loop.call_soon_threadsafe(edge.loop.call_soon, edge.loop.call_soon, last)
    assert done.wait(30)


def nothing() -> None:
    """Only wait until all was read."""


def head_of(length: int) -> bytes:
    return (
        f"POST / HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n".encode()
    )


def test_what_comes_before_the_owner_wants_it_is_kept(edge: EdgeUnderTest) -> None:
    with edge.connect() as client:
        client.sendall(head_of(LENGTH) + CONTENT[:10])
        owner = owners.get(timeout=30)
        client.sendall(CONTENT[10:1000])
        on_the_loop(edge, nothing)
        assert owner.received == []
        on_the_loop(edge, lambda: owner.exchange.receive_body(owner))
        assert b"".join(owner.received) == CONTENT[:1000]
        client.sendall(CONTENT[1000:LENGTH])
        assert Answer(read_all(client)).content == b"right"
    assert sum(map(len, owner.received)) == LENGTH


def test_an_owner_that_pauses_at_the_first_piece_gets_no_second(edge: EdgeUnderTest) -> None:
    with edge.connect() as client:
        client.sendall(head_of(LENGTH) + CONTENT[:10])
        owner = owners.get(timeout=30)
        owner.pauses = True
        on_the_loop(edge, lambda: owner.exchange.receive_body(owner))
        client.sendall(CONTENT[10:1000])
        on_the_loop(edge, nothing)
        assert owner.received == [CONTENT[:10]]
        owner.pauses = False
        on_the_loop(edge, owner.exchange.resume_reading)
        client.sendall(CONTENT[1000:LENGTH])
        assert Answer(read_all(client)).content == b"right"


def test_an_upload_that_comes_while_the_backend_is_connected_to_arrives_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    began, may_connect = threading.Event(), threading.Event()
    connect = Pool.connect

    async def slowly(pool: Pool, seconds: float) -> BackendConnection:
        began.set()
        await asyncio.get_running_loop().run_in_executor(None, may_connect.wait, 30)
        return await connect(pool, seconds)

    def talk(talker: Talker) -> None:
        talker.head()
        same = talker.exactly(LENGTH) == CONTENT[:LENGTH]
        talker.say(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + (b"right" if same else b"wrong"))

    monkeypatch.setattr(Pool, "connect", slowly)
    with forwarding(talk) as (edge, _), edge.connect() as client:
        client.sendall(head_of(LENGTH))
        assert began.wait(30)
        client.sendall(CONTENT[:50_000])
        on_the_loop(edge, nothing)
        may_connect.set()
        client.sendall(CONTENT[50_000:LENGTH])
        assert Answer(read_all(client)).content == b"right"
