"""HTTP/2: the same answers as over HTTP/1.1, many at a time, in either direction without end."""

import asyncio
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator

import pytest
from h2.events import DataReceived, InformationalResponseReceived, StreamReset

from tests.edge.http2_client import Http2Client, certificate, http2_edge, request
from tests.edge.serving import EdgeUnderTest
from webserver.accesslog.lines import logfmt_line
from webserver.edge.exchange import Exchange
from webserver.edge.refusal import ClientGone
from webserver.edge.tls import browser_context
from webserver.edge.waiting import AwaitableExchange

pytestmark = pytest.mark.only_database("sqlite")

tasks: set[asyncio.Task[None]] = set()
BIG = 3_000_000


def answer(exchange: Exchange) -> None:
    """Says what it was asked for."""
    exchange.handler = "site"
    match exchange.head.target:
        case b"/unread":
            exchange.respond(200, [], b"unread")
        case b"/split":
            exchange.respond(200, [(b"X", b"a\r\nSet-Cookie: b")], b"")
        case b"/fails":
            raise RuntimeError("unforeseen")
        case b"/big":
            exchange.respond(200, [(b"Connection", b"close"), (b"X-Big", b"yes")], bytes(BIG))
        case b"/silent":
            pass
        case b"/empty":
            exchange.respond(204, [])
        case _:
            task = asyncio.get_running_loop().create_task(_stream(exchange))
            tasks.add(task)
            task.add_done_callback(tasks.discard)


async def _stream(exchange: Exchange) -> None:
    try:
        waiting = AwaitableExchange(exchange)
        if exchange.head.target == b"/endless":
            exchange.start(200, [], None)
            while True:
                await waiting.write(bytes(16_000))
                await asyncio.sleep(0)
        exchange.interim(103, [(b"Link", b"</a.css>")])
        exchange.start(200, [(b"Host-Was", exchange.head.host)], None)
        while piece := await waiting.read():
            await waiting.write(piece)
        if exchange.head.target == b"/cut":
            exchange.abort("cut")
        else:
            exchange.finish()
    except ClientGone:
        pass


@pytest.fixture(scope="module")
def edge() -> Iterator[EdgeUnderTest]:
    with http2_edge(answer) as running:
        yield running


def test_it_is_off_until_it_is_switched_on() -> None:
    context = browser_context(certificate())
    ours, theirs = socket.socketpair()
    offers = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    offers.check_hostname, offers.verify_mode = False, ssl.CERT_NONE
    offers.set_alpn_protocols(["h2", "http/1.1"])
    server = context.wrap_socket(ours, server_side=True, do_handshake_on_connect=False)
    client = offers.wrap_socket(theirs, do_handshake_on_connect=False)
    for each in (server, client):
        each.setblocking(False)
    for _ in range(100):
        for each in (client, server):
            try:
                each.do_handshake()
            except ssl.SSLWantReadError:
                pass
    assert client.selected_alpn_protocol() == "http/1.1"
    client.close()
    server.close()


def test_requests_share_a_connection_and_are_logged_as_what_they_are(edge: EdgeUnderTest) -> None:
    with Http2Client(edge.port) as client:
        streams = [client.ask(request(f"/echo/{number}", "POST"), b"%d" % number) for number in range(50)]
        for number, stream in enumerate(streams):
            status, fields, content = client.answer(stream)
            assert (status, content, fields[b"host-was"]) == (200, b"%d" % number, b"www.example.org")
            assert b"date" in fields
        assert any(isinstance(event, InformationalResponseReceived) for event in client.events)
        assert client.get("/empty")[0] == 204
        assert client.answer(client.ask(request("/big", "HEAD")))[1][b"content-length"] == str(BIG).encode()
        status, fields, content = client.get("/big")
        assert (fields[b"x-big"], len(content)) == (b"yes", BIG)
        assert b"connection" not in fields
    exchange = edge.recorder.wait_for(53)[0]
    line = logfmt_line(exchange)
    assert "httpversion=HTTP/2.0" in line
    assert "tlsinfo=TLSv1.3" in line
    assert exchange.bytes_in == exchange.bytes_out > 0


def test_http_1_1_is_still_spoken_at_the_same_port(edge: EdgeUnderTest) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with context.wrap_socket(edge.connect()) as client:
        client.sendall(b"GET /unread HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert client.recv(65536).startswith(b"HTTP/1.1 200 OK")


def test_big_uploads_come_back_as_they_were(edge: EdgeUnderTest) -> None:
    content = bytes(range(256)) * 8000
    with Http2Client(edge.port) as client:
        stream = client.ask(request("/echo", "POST"), ends=False)
        client.upload(stream, content)
        assert client.answer(stream)[2] == content


def test_content_that_nobody_reads_does_not_stop_the_others(edge: EdgeUnderTest) -> None:
    with Http2Client(edge.port) as client:
        for _ in range(40):
            stream = client.ask(request("/unread", "POST"), bytes(16_000), ends=False)
            client.until_ended(stream)
            resets = [event for event in client.events if isinstance(event, StreamReset)]
            while len(resets) == 0:
                client.receive()
                resets = [event for event in client.events if isinstance(event, StreamReset)]
            assert resets[0].error_code == 0
            client.events.clear()
        content = bytes(60_000)
        stream = client.ask(request("/echo", "POST"), ends=False)
        for at in range(0, 60_000, 15_000):
            client.h2.send_data(stream, content[at : at + 15_000])
        client.h2.end_stream(stream)
        client.flush()
        assert client.answer(stream)[2] == content


def test_a_client_that_does_not_read_holds_back_one_answer_and_not_the_connection(
    edge: EdgeUnderTest,
) -> None:
    with Http2Client(edge.port, take=False) as client:
        client.h2.increment_flow_control_window(10_000_000)
        client.flush()
        endless = client.ask(request("/endless"))
        got = 0
        while got < 65_535:
            assert client.receive()
            got = sum(len(e.data) for e in client.events if isinstance(e, DataReceived))
        assert client.answer(client.ask(request("/unread")))[2] == b"unread"
        assert sum(len(e.data) for e in client.events if isinstance(e, DataReceived)) == 65_535 + 6
        client.h2.reset_stream(endless)
        client.flush()
        assert client.get("/unread")[0] == 200
    ended = [each for each in edge.recorder.exchanges if each.head.target == b"/endless"]
    assert ended[0].error == "the client is gone"
    assert ended[0].bytes_out < 65_535 + 200_000


def test_errors_end_one_answer_alone(edge: EdgeUnderTest) -> None:
    with Http2Client(edge.port) as client:
        assert client.get("/fails")[0] == 500
        assert client.get("/split")[0] == 500
        stream = client.ask(request("/cut", "POST"), b"piece")
        client.until_ended(stream)
        assert any(isinstance(event, StreamReset) and event.error_code == 2 for event in client.events)
        assert client.get("/unread")[0] == 200


def test_an_expected_100_comes_when_the_content_is_wanted(edge: EdgeUnderTest) -> None:
    with Http2Client(edge.port) as client:
        stream = client.ask(request("/echo", "POST", (b"expect", b"100-continue")), ends=False)
        while not any(isinstance(event, InformationalResponseReceived) for event in client.events):
            assert client.receive()
        client.h2.send_data(stream, b"now", end_stream=True)
        client.flush()
        assert client.answer(stream)[2] == b"now"


def test_a_client_that_says_goaway_still_gets_its_answers(edge: EdgeUnderTest) -> None:
    with Http2Client(edge.port) as client:
        stream = client.ask(request("/echo", "POST"), b"a", ends=False)
        client.send(b"\x00\x00\x08\x07\x00\x00\x00\x00\x00" + bytes(8))
        client.h2.send_data(stream, b"b", end_stream=True)
        client.flush()
        assert client.answer(stream)[2] == b"ab"
        client.until_closed()


def test_stopping_lets_requests_end_and_takes_no_more() -> None:
    with http2_edge(answer) as edge, Http2Client(edge.port) as client:
        open_stream = client.ask(request("/echo", "POST"), b"early ", ends=False)
        while not client.events or not any(isinstance(e, DataReceived) for e in client.events):
            client.receive()
        stopping = asyncio.run_coroutine_threadsafe(edge.edge.stop(20), edge.loop)
        while len(client.goaways) < 2:
            assert client.receive()
        assert [each.last_stream_id for each in client.goaways] == [2**31 - 1, open_stream]
        late = client.ask(request("/unread"))
        client.until_ended(late)
        assert any(
            isinstance(event, StreamReset) and (event.stream_id, event.error_code) == (late, 7)
            for event in client.events
        )
        client.h2.send_data(open_stream, b"late", end_stream=True)
        client.flush()
        assert client.answer(open_stream)[2] == b"early late"
        client.until_closed()
        client.socket.close()
        stopping.result(30)


@pytest.mark.external
def test_curl(edge: EdgeUnderTest) -> None:
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")
    url = f"https://127.0.0.1:{edge.port}"
    command = ["curl", "-sk", "--http2", "-w", "%{http_version} %{http_code}", "-o", "/dev/null"]
    assert subprocess.run([*command, f"{url}/big"], capture_output=True, timeout=60).stdout == b"2 200"
    sent = bytes(1_000_000)
    echoed = subprocess.run(
        ["curl", "-sk", "--http2", "--data-binary", "@-", f"{url}/echo"],
        input=sent,
        capture_output=True,
        timeout=60,
    )
    assert echoed.stdout == sent


@pytest.mark.external
def test_h2load(edge: EdgeUnderTest) -> None:
    if not shutil.which("h2load"):
        pytest.skip("h2load is not installed")
    command = ["h2load", "-n", "400", "-c", "4", "-m", "20", f"https://127.0.0.1:{edge.port}/unread"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=120).stdout
    assert "400 succeeded, 0 failed, 0 errored, 0 timeout" in said
    assert "Application protocol: h2" in said


@pytest.mark.external
def test_nghttp(edge: EdgeUnderTest) -> None:
    if not shutil.which("nghttp"):
        pytest.skip("nghttp is not installed")
    command = ["nghttp", "-ns", f"https://127.0.0.1:{edge.port}/big", f"https://127.0.0.1:{edge.port}/unread"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60).stdout
    assert said.count(" 200 ") == 2
