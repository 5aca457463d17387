"""Requests passed on to backends, and their answers back."""

import gzip
import socket
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import brotli
import pytest

from mail.zstandard import zstd
from tests.edge.backends import RunningBackend, Talk, Talker, echoing, talking
from tests.edge.serving import Answer, EdgeUnderTest, dechunk, read_all
from tests.edge.sites import HOST, handler, site
from webserver.edge.exchange import Exchange
from webserver.routing.values import Backend, ForwardSettings

UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": zstd.decompress,
}
NOBODY = Backend("http://127.0.0.1:1", False, "127.0.0.1", 1)


@contextmanager
def forwarding(talk: Talk, unix: str = "", **settings: Any) -> Iterator[tuple[EdgeUnderTest, RunningBackend]]:
    """An edge that forwards everything to a backend."""
    with ExitStack() as stack:
        backend = stack.enter_context(talking(talk, unix=unix))
        forward = ForwardSettings((backend.backend,), **settings)
        yield stack.enter_context(site(handler(forward))), backend


def test_a_request_arrives_as_it_was_sent_without_what_is_for_one_hop() -> None:
    seen: list[bytes] = []
    with forwarding(echoing(seen)) as (edge, _):
        answer = edge.get(
            "/a%2Fb/c?d=%20&e", HOST, "X-CaSe: kept", "Connection: X-Own", "X-Own: gone", "TE: trailers",
            "Keep-Alive: 5", "Proxy-Authorization: secret", "Accept-Encoding: gzip",
        )  # fmt: skip
    assert answer.content == seen[0]
    lines = seen[0].split(b"\r\n")
    assert lines[0] == b"GET /a%2Fb/c?d=%20&e HTTP/1.1"
    assert lines[1:-2] == [
        b"Host: www.example.org",
        b"X-CaSe: kept",
        b"Accept-Encoding: gzip",
        b"X-Forwarded-For: 127.0.0.1",
        b"X-Forwarded-Host: www.example.org",
        b"X-Forwarded-Proto: http",
    ]


def test_the_backend_is_asked_for_the_host_that_a_target_in_absolute_form_names() -> None:
    with forwarding(echoing([])) as (edge, _):
        for target, host in (
            (f"http://{HOST}/a", "elsewhere.example"),
            ("/b", HOST),
            (f"http://{HOST}/c", HOST),
        ):
            content = edge.get(target, host, "X-Own: a").content
            assert content.startswith(
                b"GET /%b HTTP/1.1\r\nHost: www.example.org\r\nX-Own: a\r\n" % target[-1:].encode()
            )
            assert content.lower().count(b"\r\nhost: ") == 1
            assert b"\r\nX-Forwarded-Host: www.example.org\r\n" in content


def test_what_clients_claim_of_their_way_here_does_not_reach_the_backend() -> None:
    seen: list[bytes] = []
    claims = [
        "X-Forwarded-For: 6.6.6.6",
        "x-forwarded-proto: https",
        "Forwarded: for=6.6.6.6",
        "X_Forwarded_For: 6.6.6.6",
        "X-Forwarded-Prefix: /6.6.6.6",
        "X-Forwarded: 6.6.6.6",
    ]
    with talking(echoing(seen)) as backend:
        forward = handler(ForwardSettings((backend.backend,)))
        with site(forward) as edge:
            edge.get("/", HOST, *claims)
        with site(forward, trusted=[ip_network("127.0.0.0/8")]) as edge:
            edge.get("/", HOST, "X-Forwarded-For: 6.6.6.6, 192.0.2.1", "X-Forwarded-Proto: https")
    assert b"6.6.6.6" not in seen[0]
    assert b"X-Forwarded-Proto: http\r\n" in seen[0]
    assert b"\r\nX-Forwarded-For: 192.0.2.1, 127.0.0.1\r\n" in seen[1]
    assert b"X-Forwarded-Proto: https\r\n" in seen[1]


@pytest.mark.parametrize(
    ("strip", "base", "path", "target"),
    [
        (False, "", "/app/x", "/app/x"),
        (False, "/base", "/app/x", "/base/app/x"),
        (True, "/base", "/app/x", "/base/x"),
        (True, "/base", "/app/", "/base"),
        (True, "/base/", "/app/x", "/base/x"),
        (True, "", "/app/", "/"),
    ],
)
def test_paths_are_joined_with_one_slash(strip: bool, base: str, path: str, target: str) -> None:
    seen: list[bytes] = []
    with talking(echoing(seen), base_path=base, query="k=1") as backend:
        forward = handler(ForwardSettings((backend.backend,), strip_path=strip), path="^/app/")
        with site(forward) as edge:
            edge.get(path + "?a=b")
    assert seen[0].startswith(f"GET {target}?k=1&a=b HTTP/1.1\r\n".encode())


def test_connections_with_the_backend_are_kept() -> None:
    seen: list[bytes] = []
    with forwarding(echoing(seen)) as (edge, backend):
        for _ in range(5):
            assert edge.get("/").status == 200
        assert backend.connections == 1


def test_a_unix_socket_serves_as_well(tmp_path: Path) -> None:
    seen: list[bytes] = []
    with forwarding(echoing(seen), unix=str(tmp_path / "app.sock")) as (edge, _):
        assert edge.get("/x").content.startswith(b"GET /x ")


def test_contents_of_both_kinds_pass_in_both_directions() -> None:
    def talk(talker: Talker) -> None:
        while head := talker.head():
            is_chunked = b"chunked" in head
            content = dechunk(talker.until(b"0\r\n\r\n")) if is_chunked else talker.exactly(5)
            framed = b"%x\r\n%b\r\n0\r\n\r\n" % (len(content), content)
            talker.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + framed)

    with forwarding(talk) as (edge, backend):
        head = f"POST / HTTP/1.1\r\nHost: {HOST}\r\n".encode()
        answered = edge.exchange(
            head
            + b"Content-Length: 5\r\n\r\nhello"
            + head
            + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
            + b"3\r\nwor\r\n2\r\nld\r\n0\r\n\r\n"
        )
        assert backend.connections == 1
    first, _, rest = answered.partition(b"0\r\n\r\n")
    assert first.endswith(b"\r\n\r\n5\r\nhello\r\n")
    assert Answer(rest).content == b"world"


def test_pieces_arrive_at_once_while_the_answer_goes_on() -> None:
    def talk(talker: Talker) -> None:
        talker.head()
        talker.say(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
        talker.connection.recv(1)  # until the client has gone

    with forwarding(talk) as (edge, _):
        client = edge.connect()
        client.sendall(f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        received = b""
        while b"data: 1\n\n" not in received:
            received += client.recv(65536)
        client.close()
        edge.recorder.wait_for(1)
    assert edge.recorder.exchanges[0].error == "the client is gone"


def test_a_client_that_is_slow_at_the_last_piece_leaves_the_backend_to_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def talk(talker: Talker) -> None:
        while talker.head():
            talker.say(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfirst")
            talker.exactly(1)
            talker.say(b"last")

    write = Exchange.write

    def write_to_a_full_buffer(exchange: Exchange, data: bytes) -> None:
        write(exchange, data)
        if data == b"last" and exchange.owner is not None:
            exchange.owner.pause_writing()

    monkeypatch.setattr(Exchange, "write", write_to_a_full_buffer)
    with forwarding(talk) as (edge, backend), edge.connect() as connection:
        client = Talker(connection)
        for _ in range(2):
            client.say(f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 1\r\n\r\n".encode())
            assert client.until(b"first")
            client.say(b"x")
            assert client.until(b"last")
        assert backend.connections == 1


def test_an_answer_without_length_ends_with_its_connection() -> None:
    def talk(talker: Talker) -> None:
        talker.head()
        talker.say(b"HTTP/1.0 200 OK\r\nX: y\r\n\r\nall there is")

    with forwarding(talk) as (edge, _):
        assert edge.get("/").content == b"all there is"


def test_fields_of_the_handler_replace_those_of_the_backend() -> None:
    def talk(talker: Talker) -> None:
        talker.head()
        talker.say(
            b"HTTP/1.1 200 OK\r\nX-A: theirs\r\nx-a: theirs too\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n"
            b"Connection: X-Hop\r\nX-Hop: 1\r\nContent-Length: 0\r\n\r\n"
        )

    with forwarding(talk, response_headers=(("X-A", "ours"),)) as (edge, _):
        answer = edge.get("/")
    assert answer.all("x-a") == ["ours"]
    assert answer.all("set-cookie") == ["a", "b"]
    assert answer["x-hop"] == ""


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\r\n folded\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: a\x00b\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000,
    ],
)
def test_an_answer_that_is_none_is_502_with_an_id(answer: bytes) -> None:
    def talk(talker: Talker) -> None:
        talker.head()
        talker.say(answer)

    with forwarding(talk) as (edge, _):
        shown = edge.get("/")
        assert shown.status == 502
        assert edge.recorder.exchanges[0].id.encode() in shown.content


def test_an_answer_that_breaks_off_breaks_off_for_the_client() -> None:
    def talk(talker: Talker) -> None:
        talker.head()
        talker.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe")

    with forwarding(talk) as (edge, _), edge.connect() as client:
        client.sendall(f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        received = read_all(client)
    assert b"\r\n0\r\n" not in received
    assert "closed within its answer" in edge.recorder.wait_for(1)[0].error


def test_a_backend_that_can_not_be_reached_or_is_silent() -> None:
    def talk(talker: Talker) -> None:
        talker.head()
        talker.connection.recv(1)

    with talking(talk) as backend:
        slow = ForwardSettings((backend.backend,), response_seconds=0.05)
        with site(handler(slow, path="^/slow"), handler(ForwardSettings((NOBODY,)), "down")) as edge:
            assert edge.get("/").status == 502
            assert edge.get("/slow").status == 504


def test_of_several_backends_one_that_is_well_answers() -> None:
    seen: list[bytes] = []
    with talking(echoing(seen)) as one, talking(echoing(seen)) as other:
        forward = ForwardSettings((NOBODY, one.backend, other.backend))
        with site(handler(forward)) as edge:
            for _ in range(6):
                assert edge.get("/", HOST, "Content-Length: 0", method="POST").status == 200
        assert one.connections
        assert other.connections


def test_what_may_be_repeated_is_when_a_kept_connection_was_just_closing() -> None:
    def talk(talker: Talker) -> None:
        talker.head()
        talker.say(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        talker.head()  # and says nothing to it

    with forwarding(talk) as (edge, _):
        assert edge.get("/").content == b"ok"
        assert edge.get("/").content == b"ok"
        post = edge.get("/", HOST, "Content-Length: 0", method="POST")
        assert post.status == 502  # the backend may have acted on it


def test_an_early_answer_does_not_wait_for_the_rest_of_an_upload() -> None:
    def talk(talker: Talker) -> None:
        talker.head()
        talker.say(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig")
        talker.connection.recv(1)

    with forwarding(talk) as (edge, _), edge.connect() as client:
        client.sendall(f"PUT / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 100000000\r\n\r\n".encode())
        client.sendall(b"x" * 1000)
        assert Answer(read_all(client)).content == b"big"


def test_early_hints_are_passed_on_and_head_has_no_content() -> None:
    def talk(talker: Talker) -> None:
        while talker.head():
            talker.say(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n")
            talker.say(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n")

    with forwarding(talk) as (edge, _):
        raw = edge.get("/", method="HEAD").raw
        assert raw.startswith(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\n")
        assert raw.endswith(b"\r\n\r\n")
        assert b"Content-Length: 7\r\n" in raw


def test_neither_side_is_read_faster_than_the_other_takes() -> None:
    size = 64 * 1024 * 1024
    sent = []

    def talk(talker: Talker) -> None:
        talker.head()
        talker.say(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        talker.connection.settimeout(0.3)
        done = 0
        try:
            while done < size:
                done += talker.connection.send(b"x" * 65536)
        except TimeoutError:
            pass
        sent.append(done)

    with forwarding(talk) as (edge, _), edge.connect() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(f"GET / HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        assert client.recv(10)
        while not sent:
            client.recv(1)
    assert sent[0] < size / 2


PAGE = b"<p>All that is gold does not glitter.</p>" * 100


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_answers_are_compressed_where_that_is_configured_and_accepted(framing: str) -> None:
    def talk(talker: Talker) -> None:
        while talker.head():
            head = b'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nETag: "1"\r\nAccept-Ranges: bytes\r\n'
            if framing == "length":
                talker.say(head + b"Content-Length: %d\r\n\r\n%b" % (len(PAGE), PAGE))
            else:
                talker.say(
                    head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(PAGE), PAGE)
                )

    with talking(talk) as backend, site(handler(ForwardSettings((backend.backend,)), compress=True)) as edge:
        for encoding, unpack in UNPACK.items():
            answer = edge.get("/", HOST, f"Accept-Encoding: {encoding}")
            assert answer["content-encoding"] == encoding
            assert unpack(answer.content) == PAGE
            assert (answer["etag"], answer["vary"]) == ('W/"1"', "Accept-Encoding")
            assert answer["accept-ranges"] == ""
            assert answer["content-length"] in ("", str(edge.recorder.exchanges[-1].bytes_out))
            assert edge.recorder.exchanges[-1].uncompressed_bytes == len(PAGE)
        plain = edge.get("/")
        assert (plain.content, plain["vary"], plain["etag"]) == (PAGE, "Accept-Encoding", '"1"')
        head = edge.get("/", HOST, "Accept-Encoding: gzip", method="HEAD")
        assert (head["content-encoding"], head.raw.partition(b"\r\n\r\n")[2]) == ("gzip", b"")


@pytest.mark.parametrize(
    "fields",
    [
        b"Content-Type: image/png\r\n",
        b"Content-Type: text/html\r\nContent-Encoding: gzip\r\n",
        b"Content-Type: text/html\r\nCache-Control: public, no-transform\r\n",
        b"Content-Type: text/event-stream\r\n",
    ],
)
def test_other_answers_are_not_compressed(fields: bytes) -> None:
    def talk(talker: Talker) -> None:
        talker.head()
        talker.say(b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n%b" % (fields, len(PAGE), PAGE))

    with talking(talk) as backend, site(handler(ForwardSettings((backend.backend,)), compress=True)) as edge:
        assert edge.get("/", HOST, "Accept-Encoding: gzip").content == PAGE


def test_compressed_pieces_arrive_at_once() -> None:
    def talk(talker: Talker) -> None:
        talker.head()
        talker.say(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nfirst")
        talker.connection.recv(1)

    with talking(talk) as backend, site(handler(ForwardSettings((backend.backend,)), compress=True)) as edge:
        client = edge.connect()
        client.sendall(f"GET / HTTP/1.0\r\nHost: {HOST}\r\nAccept-Encoding: gzip\r\n\r\n".encode())
        received = unpacked = b""
        while unpacked != b"first":
            received += client.recv(65536)
            content = received.partition(b"\r\n\r\n")[2]
            unpacked = zlib.decompressobj(16 + zlib.MAX_WBITS).decompress(content)
        client.close()


@pytest.mark.parametrize(
    ("framing", "connections"),
    [
        (b"", 1),
        (b"Content-Length: 0\r\n", 1),
        (b"Content-Length: 5\r\n", 2),
        (b"Transfer-Encoding: chunked\r\n", 2),
    ],
)
def test_content_that_204_announces_is_not_taken_for_the_next_answer(
    framing: bytes, connections: int
) -> None:
    def talk(talker: Talker) -> None:
        while talker.head():
            talker.say(b"HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n" + framing + b"\r\n")

    with forwarding(talk) as (edge, backend):
        for _ in range(2):
            answer = edge.get("/")
            assert (answer.status, answer["content-length"], answer["transfer-encoding"]) == (204, "", "")
        assert backend.connections == connections
