"""Requests and answers over one connection, whatever order their bytes come in."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.edge.serving import Answer, EdgeUnderTest, read_all, running_edge
from webserver.edge.exchange import Exchange
from webserver.edge.limits import EdgeLimits
from webserver.edge.refusal import ClientGone
from webserver.edge.waiting import AwaitableExchange

tasks: set[asyncio.Task[None]] = set()


def echo(exchange: Exchange) -> None:
    """Answers with method, target and content; at /late not before the loop's next round."""
    exchange.handler = "echo"
    if exchange.head.target == b"/fails":
        raise RuntimeError("unforeseen")
    if exchange.head.target == b"/unread":
        exchange.respond(200, [], b"unread")
        return
    if exchange.head.target == b"/split":
        exchange.respond(200, [(b"X", b"a\r\nSet-Cookie: b")], b"")
        return
    task = asyncio.get_running_loop().create_task(_echo(exchange))
    tasks.add(task)
    task.add_done_callback(tasks.discard)


async def _echo(exchange: Exchange) -> None:
    try:
        waiting = AwaitableExchange(exchange)
        content = await waiting.read_all(10_000_000)
        said = exchange.head.method + b" " + exchange.head.target + b" " + content
        if exchange.head.target == b"/streamed":
            exchange.start(200, [], None)
            for _ in range(3):
                await waiting.write(said)
            exchange.finish()
        else:
            exchange.respond(200, [], said)
    except ClientGone:
        pass


@pytest.fixture(scope="module")
def edge() -> Iterator[EdgeUnderTest]:
    with running_edge(echo) as running:
        yield running


def test_a_connection_stays_open_for_the_next_request(edge: EdgeUnderTest) -> None:
    with edge.connect() as client:
        for number in range(3):
            client.sendall(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % number)
            answer = client.recv(65536)
            assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
            assert answer.endswith(b"\r\n\r\nGET /%d " % number)


def test_pipelined_requests_are_answered_in_their_order(edge: EdgeUnderTest) -> None:
    requests = b"".join(
        b"POST /%d HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" % number for number in range(20)
    )
    answered = edge.exchange(requests + b"GET /end HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    positions = [answered.index(b"POST /%d abc" % number) for number in range(20)]
    assert positions == sorted(positions)
    assert answered.endswith(b"GET /end ")


def test_heads_and_contents_may_come_byte_by_byte(edge: EdgeUnderTest) -> None:
    request = (
        b"POST /slow HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        b'4;x="y"\r\nwiki\r\n5\r\npedia\r\n0\r\nTrailer: dropped\r\n\r\n'
    )
    with edge.connect() as client:
        for position in range(len(request)):
            client.sendall(request[position : position + 1])
        assert read_all(client).endswith(b"POST /slow wikipedia")


def test_content_behind_a_chunked_one_is_the_next_request(edge: EdgeUnderTest) -> None:
    first = b"POST /1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    answered = edge.exchange(first + b"GET /2 HTTP/1.0\r\n\r\n")
    assert b"POST /1 abc" in answered
    assert answered.endswith(b"GET /2 ")


def test_who_expects_to_be_told_to_continue_is_told(edge: EdgeUnderTest) -> None:
    with edge.connect() as client:
        client.sendall(
            b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n"
            b"Connection: close\r\n\r\n"
        )
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"ab")
        assert read_all(client).endswith(b"PUT / ab")


def test_who_expects_it_and_is_answered_at_once_need_not_send(edge: EdgeUnderTest) -> None:
    with edge.connect() as client:
        client.sendall(
            b"PUT /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
        )
        answer = Answer(read_all(client))
    assert (answer.status, answer["connection"]) == (200, "close")


def test_short_content_that_nobody_reads_keeps_the_connection(edge: EdgeUnderTest) -> None:
    with edge.connect() as client:
        client.sendall(b"PUT /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n")
        assert client.recv(65536).endswith(b"unread")
        client.sendall(b"123456789GET /next HTTP/1.1\r\nHost: a\r\n\r\n")
        assert client.recv(65536).endswith(b"GET /next ")


def test_long_content_that_nobody_reads_ends_the_connection_after_the_answer(edge: EdgeUnderTest) -> None:
    with edge.connect() as client:
        client.sendall(b"PUT /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n" + b"x" * 70_000)
        answer = Answer(read_all(client))
    assert (answer.content, answer["connection"]) == (b"unread", "close")


def test_head_has_the_fields_of_get_without_its_content(edge: EdgeUnderTest) -> None:
    answer = edge.get("/x", method="HEAD")
    assert (answer["content-length"], answer.content) == ("8", b"")
    streamed = edge.get("/streamed", method="HEAD")
    assert (streamed.status, streamed.raw.partition(b"\r\n\r\n")[2]) == (200, b"")


def test_streams_are_chunked_for_http_1_1_and_end_the_connection_of_1_0(edge: EdgeUnderTest) -> None:
    assert edge.get("/streamed").content == b"GET /streamed " * 3
    older = edge.exchange(b"GET /streamed HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    assert b"chunked" not in older
    assert older.endswith(b"\r\n\r\n" + b"GET /streamed " * 3)


def test_http_1_0_may_keep_the_connection(edge: EdgeUnderTest) -> None:
    with edge.connect() as client:
        client.sendall(b"GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        assert b"\r\nConnection: keep-alive\r\n" in client.recv(65536)
        client.sendall(b"GET /2 HTTP/1.0\r\n\r\n")
        assert read_all(client).endswith(b"GET /2 ")


def test_an_error_that_nobody_foresaw_is_a_page_with_an_id(edge: EdgeUnderTest) -> None:
    answer = edge.get("/fails")
    assert answer.status == 500
    assert edge.recorder.exchanges[-1].id.encode() in answer.content


def test_a_field_that_would_be_two_is_never_sent(edge: EdgeUnderTest) -> None:
    answer = edge.get("/split")
    assert (answer.status, answer["set-cookie"]) == (500, "")


def test_slow_clients_are_let_go() -> None:
    limits = EdgeLimits(head_seconds=0.1, idle_seconds=0.1, body_seconds=0.1, linger_seconds=0.1)
    with running_edge(echo, limits=limits) as edge:
        assert edge.exchange(b"") == b""
        assert Answer(edge.exchange(b"GET / HTTP/1.1\r\nHo")).status == 408
        waiting = b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabc"
        assert Answer(edge.exchange(waiting)).status == 408
        served = edge.exchange(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert served.count(b"HTTP/1.1") == 1  # and no 408 to who only keeps the connection
