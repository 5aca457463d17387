"""What a backend may answer to a websocket handshake."""

import pytest

from tests.websocket.front import ACCEPT, Front, answer, connected, handshake
from tests.world.forwarding import Forwarding
from tests.world.raw_backend import RawBackend, accepting, header, read_all, read_head
from tests.world.waiting import wait_until

SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\n"
UPGRADE = b"Upgrade: websocket\r\n"
CONNECTION = b"Connection: Upgrade\r\n"
ACCEPTED = b"Sec-WebSocket-Accept: " + ACCEPT + b"\r\n"


@pytest.mark.parametrize(
    ("answered", "logged"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "answered 200 instead of 101"),
        (SWITCHING + b"\r\n", "without “Upgrade: websocket”"),
        (SWITCHING + UPGRADE + ACCEPTED + b"\r\n", "without “Connection: Upgrade”"),
        (SWITCHING + CONNECTION + ACCEPTED + b"\r\n", "without “Upgrade: websocket”"),
        (SWITCHING + UPGRADE + CONNECTION + b"\r\n", "does not belong to the key"),
        (
            SWITCHING + UPGRADE + CONNECTION + b"Sec-WebSocket-Accept: ???\r\n\r\n",
            "does not belong to the key",
        ),
        (
            SWITCHING + UPGRADE + CONNECTION + ACCEPTED + b"Sec-WebSocket-Protocol: chat\r\n\r\n",
            "a subprotocol that was not offered",
        ),
        (
            SWITCHING + UPGRADE + CONNECTION + ACCEPTED + b"Sec-WebSocket-Extensions: x; a=1\r\n\r\n",
            "an extension that was not offered",
        ),
    ],
)
def test_what_does_not_accept_this_handshake_is_no_websocket(
    front: Front, answered: bytes, logged: str
) -> None:
    with RawBackend(answered) as backend:
        front.use(Forwarding(f"http://127.0.0.1:{backend.port}"))
        status, _, body = answer(front, handshake())
    assert status == 400
    assert b"does not speak websocket" in body
    wait_until(lambda: logged in front.log, "the reason is logged")


def test_headers_of_the_backend_and_of_the_handler_reach_the_client(front: Front) -> None:
    extra = b"X-Backend: yes\r\nServer: theirs\r\nSec-WebSocket-Protocol: chat\r\n"
    with RawBackend(accepting(read_all, extra=extra)) as backend:
        front.use(
            Forwarding(
                f"http://127.0.0.1:{backend.port}", response_headers=(("X-Own", "1"), ("Server", "ours"))
            )
        )
        with connected(front) as connection:
            connection.sendall(handshake(more=b"Sec-WebSocket-Protocol: other, chat\r\n"))
            head = read_head(connection)
    assert head.startswith(SWITCHING)
    assert header(head, b"x-backend") == b"yes"
    assert header(head, b"x-own") == b"1"
    assert header(head, b"server") == b"ours"
    assert header(head, b"sec-websocket-protocol") == b"chat"


@pytest.mark.parametrize(
    ("refusal", "status", "expected"),
    [
        (b"HTTP/1.1 403 Forbidden\r\nX-Why: no\r\nContent-Length: 4\r\n\r\nstop", 403, b"stop"),
        (
            b"HTTP/1.1 418 Teapot\r\nX-Why: no\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntea\r\n0\r\n\r\n",
            418,
            b"tea",
        ),
        (b"HTTP/1.1 302 Found\r\nX-Why: no\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n", 302, b""),
        (
            b"HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 401 No\r\nX-Why: no\r\nContent-Length: 2\r\n\r\nno",
            401,
            b"no",
        ),
    ],
)
def test_a_refusal_is_passed_on_as_the_backend_said_it(
    front: Front, refusal: bytes, status: int, expected: bytes
) -> None:
    with RawBackend(refusal) as backend:
        front.use(Forwarding(f"http://127.0.0.1:{backend.port}"))
        got, head, body = answer(front, handshake())
    assert got == status
    assert header(head, b"x-why") == b"no"
    assert expected in body


def test_a_refusal_that_ends_with_its_connection_is_passed_on(front: Front) -> None:
    refusal = b"HTTP/1.0 500 Broken\r\n\r\n" + b"x" * 300_000
    with RawBackend(lambda connection, _: connection.sendall(refusal)) as backend:
        front.use(Forwarding(f"http://127.0.0.1:{backend.port}"))
        status, _, body = answer(front, handshake())
    assert status == 500
    assert body.count(b"x") == 300_000


def test_no_backend_is_a_bad_gateway(front: Front) -> None:
    front.use(Forwarding("http://127.0.0.1:1"))
    status, _, body = answer(front, handshake())
    assert status == 502
    assert b"127.0.0.1" not in body
    wait_until(lambda: "http://127.0.0.1:1: Connection refused" in front.log, "the reason is logged")


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 101 Swi", b"220 mail.example ESMTP\r\n", b"x" * 70_000])
def test_a_backend_that_speaks_no_http_is_a_bad_gateway(front: Front, said: bytes) -> None:
    with RawBackend(lambda connection, _: connection.sendall(said)) as backend:
        front.use(Forwarding(f"http://127.0.0.1:{backend.port}"))
        status, _, _ = answer(front, handshake())
    assert status == 502


def test_a_backend_that_does_not_answer_is_a_time_out(front: Front) -> None:
    with RawBackend(lambda connection, _: (None, read_all(connection))[0]) as backend:
        front.use(Forwarding(f"http://127.0.0.1:{backend.port}", response_seconds=0.1))
        status, _, _ = answer(front, handshake())
    assert status == 504
