"""What a client may send to begin a websocket."""

import pytest

from tests.websocket.front import ACCEPT, Front, answer, connected, handshake, opened
from tests.world.forwarding import Forwarding
from tests.world.raw_backend import RawBackend, accepting, header, read_all, read_head

BACKEND_IS_NOT_ASKED = Forwarding("http://127.0.0.1:1")


@pytest.mark.parametrize(
    "changed",
    [
        handshake(upgrade=b"keep-alive, WebSocket"),
        handshake(connection=b"X, upgrade"),
        handshake(connection=b"", more=b"Connection: X\r\nConnection: Upgrade\r\n"),
        handshake(more=b"Content-Length: 0\r\n"),
    ],
)
def test_lists_in_any_case_and_on_several_lines_are_understood(front: Front, changed: bytes) -> None:
    with RawBackend(accepting(read_all)) as backend:
        front.use(Forwarding(f"http://127.0.0.1:{backend.port}"))
        with connected(front) as connection:
            connection.sendall(changed)
            head = read_head(connection)
    assert head.startswith(b"HTTP/1.1 101 ")
    assert header(head, b"sec-websocket-accept") == ACCEPT
    assert header(head, b"upgrade").lower() == b"websocket"
    assert header(head, b"connection").lower() == b"upgrade"


@pytest.mark.parametrize("version", [b"14", b"8", b"", b"13, 14"])
def test_another_version_is_told_which_one_there_is(front: Front, version: bytes) -> None:
    front.use(BACKEND_IS_NOT_ASKED)
    status, head, _ = answer(front, handshake(version=version))
    assert status == 400
    assert header(head, b"sec-websocket-version") == b"13"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (handshake(method=b"POST"), b"GET"),
        (handshake(key=b"AAAA"), b"Sec-WebSocket-Key"),
        (handshake(key=b"????????????????????????"), b"Sec-WebSocket-Key"),
        (handshake(key=b""), b"Sec-WebSocket-Key"),
        (handshake(more=b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"), b"Sec-WebSocket-Key"),
        (handshake(connection=b"Upgrade, Sec-WebSocket-Key"), b"Connection"),
        (handshake(connection=b"keep-alive"), b"Connection"),
        (handshake(more=b"Content-Length: 1\r\n") + b"x", b"body"),
    ],
)
def test_a_wrong_handshake_is_refused_with_what_is_wrong(front: Front, wrong: bytes, said: bytes) -> None:
    front.use(BACKEND_IS_NOT_ASKED)
    status, _, body = answer(front, wrong)
    assert status == 400
    assert said in body


def test_the_backend_gets_the_request_of_the_client(front: Front) -> None:
    with RawBackend(accepting(read_all)) as backend:
        front.use(Forwarding(f"http://127.0.0.1:{backend.port}/base?a=1"))
        more = b"Origin: https://ws.example\r\nSec-WebSocket-Protocol: chat\r\nX-Other: yes\r\n"
        with opened(front, handshake(target=b"/path%2Fx?b=2", more=more)):
            head = backend.heads.get(timeout=30)
    assert head.startswith(b"GET /base/path%2Fx?a=1&b=2 HTTP/1.1\r\n")
    assert header(head, b"host") == b"ws.example"
    assert header(head, b"connection") == b"Upgrade"
    assert header(head, b"upgrade") == b"websocket"
    assert header(head, b"origin") == b"https://ws.example"
    assert header(head, b"sec-websocket-protocol") == b"chat"
    assert header(head, b"x-other") == b"yes"


@pytest.mark.parametrize("request_", [handshake(http=b"1.0"), handshake(upgrade=b"h2c")])
def test_what_asks_for_no_websocket_is_an_ordinary_request(front: Front, request_: bytes) -> None:
    ordinary = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nplain GET"
    with RawBackend(ordinary) as backend:
        front.use(Forwarding(f"http://127.0.0.1:{backend.port}"))
        status, _, body = answer(front, request_)
    assert status == 200
    assert b"plain GET" in body
