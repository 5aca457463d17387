"""Clients that take their time: they neither keep others waiting nor stay for long."""

import asyncio
import resource
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.edge.serving import EdgeUnderTest, read_all, running_edge
from tests.world.waiting import wait_until
from webserver.edge.exchange import Exchange
from webserver.edge.limits import EdgeLimits
from webserver.edge.refusal import ClientGone
from webserver.edge.waiting import AwaitableExchange

pytestmark = pytest.mark.only_database("sqlite")

_tasks: set[asyncio.Task[None]] = set()
CLIENTS = 300


def answer(exchange: Exchange) -> None:
    """/small and /page have something to say, others read their content first."""
    exchange.handler = "site"
    if exchange.head.target == b"/small":
        exchange.respond(200, [], bytes(60_000))
    elif exchange.head.target == b"/page":
        exchange.respond(200, [], bytes(200_000))
    else:
        task = asyncio.get_running_loop().create_task(_read(exchange))
        _tasks.add(task)
        task.add_done_callback(_tasks.discard)


async def _read(exchange: Exchange) -> None:
    with suppress(ClientGone):
        exchange.respond(200, [], await AwaitableExchange(exchange).read_all(10_000_000))


@pytest.fixture
def edge() -> Iterator[EdgeUnderTest]:
    limits = EdgeLimits(head_seconds=0.4, idle_seconds=0.4, body_seconds=0.4, write_seconds=0.4)
    with running_edge(answer, limits=limits) as running:
        yield running


def test_content_that_comes_by_single_bytes_is_not_waited_for(edge: EdgeUnderTest) -> None:
    client = edge.connect()
    client.sendall(b"POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 4000\r\n\r\n")
    with suppress(ConnectionError):
        for _ in range(4000):
            client.sendall(b"a")
            client.settimeout(0.01)
            with suppress(TimeoutError):
                if client.recv(65536).startswith(b"HTTP/1.1 408"):
                    break
        else:
            pytest.fail("all of it was taken")
    client.close()
    assert edge.recorder.wait_for(1)[0].status == 408


def test_content_that_comes_slowly_and_steadily_is() -> None:
    head = b"POST /read HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 16000\r\n\r\n"
    with running_edge(answer, limits=EdgeLimits(body_seconds=1.5)) as edge, edge.connect() as client:
        client.sendall(head)
        for _ in range(8):
            client.settimeout(0.25)
            with pytest.raises(TimeoutError):
                client.recv(1)
            client.sendall(bytes(2000))
        client.settimeout(30)
        assert read_all(client).startswith(b"HTTP/1.1 200 OK")


def test_answers_that_nobody_reads_do_not_keep_a_connection_open(edge: EdgeUnderTest) -> None:
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", edge.port))
    client.settimeout(1)
    with suppress(TimeoutError, ConnectionError):
        client.sendall(b"GET /small HTTP/1.1\r\nHost: a\r\n\r\n" * 1000)
    wait_until(lambda: not edge.edge.connections, "the connection is cut")
    client.close()


def test_requests_whose_answers_are_not_read_are_not_answered_ahead() -> None:
    with running_edge(answer) as edge, edge.connect() as client:
        client.settimeout(30)
        sender = threading.Thread(
            target=client.sendall, args=(b"GET /small HTTP/1.1\r\nHost: a\r\n\r\n" * 1000,)
        )
        sender.start()
        edge.recorder.wait_for(3)
        got = 0
        while got < 60_000_000:
            data = client.recv(1_000_000)
            assert data
            got += len(data)
            # What the system keeps for both sides, and what we do.
            assert len(edge.recorder.exchanges) * 60_000 < got + 20_000_000
        sender.join(30)


@pytest.mark.long
@pytest.mark.external
@pytest.mark.parametrize(
    "attack", [["-H"], ["-B", "-s", "8192"], ["-X", "-k", "10"]], ids=["headers", "content", "reading"]
)
def test_slowhttptest_starves_nobody_and_is_cut_off(attack: list[str]) -> None:
    if not shutil.which("slowhttptest"):
        pytest.skip("slowhttptest is not installed")
    limits = EdgeLimits(head_seconds=4, idle_seconds=4, body_seconds=4, write_seconds=4)
    with running_edge(answer, limits=limits) as edge:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        url = f"http://127.0.0.1:{edge.port}/page"
        if attack[0] == "-B":
            url = f"http://127.0.0.1:{edge.port}/read"
        command = [
            "slowhttptest",
            "-c",
            str(CLIENTS),
            "-r",
            "200",
            "-i",
            "1",
            "-l",
            "60",
            "-p",
            "5",
            "-u",
            url,
        ]
        attacker = subprocess.Popen([*command, *attack], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        try:
            wait_until(lambda: len(edge.edge.connections) > CLIENTS // 2, "the attack is under way")
            for _ in range(20):
                asked = edge.exchange(b"GET /small HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                assert asked.startswith(b"HTTP/1.1 200 OK")
            wait_until(lambda: not edge.edge.connections, "all slow clients are gone", 60)
        finally:
            attacker.kill()
            attacker.communicate()
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        assert grown < 300 * 1024, f"{grown} KiB for {CLIENTS} clients"
