"""Handlers answer over HTTP/2 as over HTTP/1.1: backends, streams without end, files."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from h2.events import DataReceived, StreamReset

from tests.edge.backends import Talk, Talker, talking
from tests.edge.http2_client import Http2Client, certificate, request
from tests.edge.serving import EdgeUnderTest
from tests.edge.sites import handler, site
from webserver.edge.tls import BrowserTls
from webserver.routing.values import ForwardSettings, Handler, StaticSettings

pytestmark = pytest.mark.only_database("sqlite")

BIG = bytes(range(256)) * 12_000


@contextmanager
def secure_site(*handlers: Handler) -> Iterator[EdgeUnderTest]:
    """A site over TLS that offers HTTP/2."""
    with site(*handlers, tls=BrowserTls(certificate(), http2=True).listening) as edge:
        yield edge


@contextmanager
def forwarding(talk: Talk, *, compress: bool = False) -> Iterator[Http2Client]:
    """A client of a site that forwards everything."""
    with (
        talking(talk) as backend,
        secure_site(handler(ForwardSettings((backend.backend,)), compress=compress)) as edge,
        Http2Client(edge.port) as client,
    ):
        yield client


def test_a_backend_gets_a_request_of_http_1_1_and_its_answer_comes_back() -> None:
    heads: list[bytes] = []

    def talk(talker: Talker) -> None:
        while head := talker.head():
            heads.append(head)
            talker.say(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 5\r\n\r\nhello")

    with forwarding(talk) as client:
        cookies = ((b"cookie", b"a=1"), (b"cookie", b"b=2"), (b"te", b"trailers"))
        status, fields, content = client.get("/a%20b?c", *cookies)
        assert (status, fields[b"set-cookie"], content) == (200, b"a=b", b"hello")
        assert client.answer(client.ask(request("/x", "HEAD")))[1][b"content-length"] == b"5"
    assert heads[0].startswith(b"GET /a%20b?c HTTP/1.1\r\nhost: www.example.org\r\ncookie: a=1; b=2\r\n")
    assert b"\r\nX-Forwarded-Proto: https\r\n" in heads[0]
    assert b"\r\nte:" not in heads[0]


def test_204_has_no_length_even_if_the_backend_says_one() -> None:
    def talk(talker: Talker) -> None:
        while talker.head():
            talker.say(b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n")

    with forwarding(talk) as client:
        status, fields, content = client.get("/")
        assert (status, content) == (204, b"")
        assert b"content-length" not in fields


def test_content_of_unknown_length_is_chunked_for_the_backend_and_nothing_of_it_is_lost() -> None:
    heads: list[bytes] = []

    def talk(talker: Talker) -> None:
        heads.append(talker.head())
        whole = b""
        while (size := int(talker.until(b"\r\n"), 16)) > 0:
            whole += talker.exactly(size)
            talker.exactly(2)
        talker.exactly(2)
        talker.say(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + whole)

    with forwarding(talk) as client:
        stream = client.ask(request("/", "POST"), ends=False)
        client.upload(stream, BIG)
        assert client.answer(stream)[2] == BIG
    assert b"\r\nTransfer-Encoding: chunked\r\n" in heads[0]


@pytest.mark.parametrize("compress", [False, True])
def test_event_streams_arrive_at_once(compress: bool) -> None:
    def talk(talker: Talker) -> None:
        while head := talker.head():
            if b" /go " in head:
                talker.say(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                continue
            talker.say(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
            talker.head()

    with forwarding(talk, compress=compress) as client:
        client.ask(request("/events"))
        while not any(isinstance(event, DataReceived) and event.data for event in client.events):
            assert client.receive()
        assert client.get("/go")[0] == 200, "the other stream goes on beside it"


def test_an_answer_that_breaks_off_is_reset() -> None:
    def talk(talker: Talker) -> None:
        talker.head()
        talker.say(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")

    with forwarding(talk) as client:
        stream = client.ask(request())
        client.until_ended(stream)
        assert any(isinstance(event, StreamReset) and event.error_code == 2 for event in client.events)


def test_files(tmp_path: Path) -> None:
    (tmp_path / "big.bin").write_bytes(BIG)
    (tmp_path / "small.txt").write_bytes(b"small" * 1000)
    files = handler(StaticSettings(str(tmp_path)), compress=True)
    with secure_site(files) as edge, Http2Client(edge.port) as client:
        assert client.get("/big.bin")[2] == BIG
        status, fields, content = client.get("/big.bin", (b"range", b"bytes=10-19"))
        assert (status, fields[b"content-range"], content) == (206, b"bytes 10-19/3072000", BIG[10:20])
        assert client.get("/small.txt", (b"accept-encoding", b"gzip"))[1][b"content-encoding"] == b"gzip"
        etag = client.get("/small.txt")[1][b"etag"]
        assert client.get("/small.txt", (b"if-none-match", etag))[0] == 304
        assert client.get("/none")[0] == 404
