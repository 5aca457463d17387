"""Bytes through a tunnel."""

import contextlib
import itertools
import os
import random
import socket
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.websocket.front import HELLO, Front, connected, handshake, opened
from tests.world.authority import Authority
from tests.world.forwarding import Forwarding
from tests.world.raw_backend import RawBackend, accepting, read_all, read_exactly, read_head
from tests.world.waiting import wait_until
from tests.world.websocket_edge import WebsocketEdge

MANY = 96 * 1024 * 1024
"""Bytes, of which the kernel keeps less than half: it may let a socket that was read fast have 32 MiB."""


def echo(connection: socket.socket) -> None:
    """Send back what comes until the other side has ended."""
    while data := connection.recv(65536):
        connection.sendall(data)


@given(
    up=st.lists(st.binary(min_size=1, max_size=70_000), max_size=6),
    down=st.lists(st.binary(min_size=1, max_size=70_000), max_size=6),
)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_in_any_pieces_arrive_as_they_are(front: Front, up: list[bytes], down: list[bytes]) -> None:
    got: list[bytes] = []

    def script(connection: socket.socket) -> None:
        for piece in down:
            connection.sendall(piece)
        got.append(read_all(connection))

    with RawBackend(accepting(script)) as backend:
        front.use(Forwarding(f"http://127.0.0.1:{backend.port}"))
        with opened(front) as client:
            for piece in up:
                client.sendall(piece)
            client.shutdown(socket.SHUT_WR)
            assert read_all(client) == b"".join(down)
    assert got == [b"".join(up)]


def test_what_the_backend_says_in_one_piece_with_its_101_arrives(front: Front) -> None:
    with RawBackend(accepting(read_all, more=HELLO)) as backend:
        front.use(Forwarding(f"http://127.0.0.1:{backend.port}"))
        with opened(front) as client:
            assert read_exactly(client, len(HELLO)) == HELLO


def test_what_the_client_says_before_it_has_the_101_arrives(front: Front) -> None:
    early = HELLO + os.urandom(60_000)
    with RawBackend(accepting(echo)) as backend:
        front.use(Forwarding(f"http://127.0.0.1:{backend.port}"))
        with connected(front) as client:
            sending = threading.Thread(target=client.sendall, args=(handshake() + early,))
            sending.start()
            assert read_head(client).startswith(b"HTTP/1.1 101 ")
            assert read_exactly(client, len(early)) == early
            sending.join()


def test_much_and_little_at_once_arrive_as_they_are_also_when_nobody_reads_for_a_while(
    front: Front,
) -> None:
    content = random.Random(1).randbytes(12 * 1024 * 1024)
    go_on = threading.Event()
    got: list[bytes] = []

    def script(connection: socket.socket) -> None:
        sending = threading.Thread(target=_send_unevenly, args=(connection, content))
        sending.start()
        go_on.wait(60)
        got.append(read_exactly(connection, len(content)))
        sending.join()
        connection.sendall(b"!")

    with RawBackend(accepting(script)) as backend:
        front.use(Forwarding(f"http://127.0.0.1:{backend.port}"))
        with opened(front) as client:
            client.settimeout(0.25)
            sent = 0
            with contextlib.suppress(TimeoutError):
                while sent < len(content):
                    sent += client.send(content[sent : sent + 1_000_000])
            client.settimeout(60)
            go_on.set()
            sending = threading.Thread(target=client.sendall, args=(content[sent:],))
            sending.start()
            assert read_exactly(client, len(content) + 1) == content + b"!"
            sending.join()
    assert got == [content]


def _send_unevenly(connection: socket.socket, content: bytes) -> None:
    position = 0
    for size in itertools.cycle((1_000_000, 100, 300_000, 20_000)):
        connection.sendall(content[position : position + size])
        position += size
        if position >= len(content):
            return


@pytest.mark.parametrize("is_secure", [False, True])
def test_a_client_that_stops_reading_stops_the_backend(
    front: Front, authority: Authority, is_secure: bool
) -> None:
    sent = 0
    stopped = threading.Event()

    def flood(connection: socket.socket) -> None:
        nonlocal sent
        connection.settimeout(0.25)
        piece = bytes(65536)
        try:
            while sent < MANY:
                sent += connection.send(piece)
        except TimeoutError:
            stopped.set()
            connection.settimeout(None)
            while sent < MANY:
                sent += connection.send(piece)

    with RawBackend(accepting(flood)) as backend:
        front.use(Forwarding(f"http://127.0.0.1:{backend.port}"))
        with opened(front, authority=authority if is_secure else None) as client:
            assert stopped.wait(60), f"all of {sent} bytes went somewhere"
            assert sent < MANY / 2
            read_exactly(client, MANY)


@pytest.mark.parametrize("is_secure", [False, True])
def test_a_backend_that_stops_reading_stops_the_client(
    front: Front, authority: Authority, is_secure: bool
) -> None:
    go_on = threading.Event()
    got: list[int] = []

    def script(connection: socket.socket) -> None:
        go_on.wait(60)
        got.append(len(read_all(connection)))

    with RawBackend(accepting(script)) as backend:
        front.use(Forwarding(f"http://127.0.0.1:{backend.port}"))
        with opened(front, authority=authority if is_secure else None) as client:
            client.settimeout(0.25)
            sent = 0
            try:
                while sent < MANY:
                    sent += client.send(bytes(65536))
            except TimeoutError:
                pass
            assert sent < MANY / 2
            go_on.set()
    wait_until(lambda: got, "the backend has seen the end")
    assert got[0] >= sent or is_secure  # a TLS record may be cut


def test_a_half_closed_client_still_gets_what_the_backend_has_to_say(front: Front) -> None:
    def script(connection: socket.socket) -> None:
        request = read_all(connection)
        connection.sendall(request[::-1] * 1000)

    with RawBackend(accepting(script)) as backend:
        front.use(Forwarding(f"http://127.0.0.1:{backend.port}"))
        with opened(front) as client:
            client.sendall(b"abc")
            client.shutdown(socket.SHUT_WR)
            assert read_all(client) == b"cba" * 1000


def test_a_half_closed_backend_still_gets_what_the_client_has_to_say(front: Front) -> None:
    got: list[bytes] = []

    def script(connection: socket.socket) -> None:
        connection.sendall(b"bye")
        connection.shutdown(socket.SHUT_WR)
        got.append(read_all(connection))

    with RawBackend(accepting(script)) as backend:
        front.use(Forwarding(f"http://127.0.0.1:{backend.port}"))
        with opened(front) as client:
            assert read_all(client) == b"bye"
            client.sendall(b"and you")
            client.shutdown(socket.SHUT_WR)
            wait_until(lambda: got, "the backend has seen the end")
    assert got == [b"and you"]


@pytest.mark.parametrize("is_secure", [False, True])
def test_the_end_of_the_backend_is_the_end_of_the_client(
    front: Front, authority: Authority, is_secure: bool
) -> None:
    with RawBackend(accepting(lambda connection: connection.sendall(b"bye"))) as backend:
        front.use(Forwarding(f"http://127.0.0.1:{backend.port}"))
        with opened(front, authority=authority if is_secure else None) as client:
            assert read_all(client) == b"bye"


def test_a_client_that_vanishes_ends_the_backend(front: Front) -> None:
    ended = threading.Event()

    def script(connection: socket.socket) -> None:
        read_all(connection)
        ended.set()

    with RawBackend(accepting(script)) as backend:
        front.use(Forwarding(f"http://127.0.0.1:{backend.port}"))
        with opened(front) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # close sends a reset
        assert ended.wait(60)


def test_bytes_are_counted_both_ways_and_logged(front: Front) -> None:
    def script(connection: socket.socket) -> None:
        connection.sendall(b"x" * 4321)
        read_all(connection)

    with RawBackend(accepting(script)) as backend:
        front.use(Forwarding(f"http://127.0.0.1:{backend.port}"))
        with opened(front) as client:
            client.sendall(b"y" * 1234)
            read_exactly(client, 4321)
    wait_until(lambda: "4321" in front.log and "1234" in front.log, "the tunnel is logged")


def test_a_backend_on_a_unix_socket_is_reached(front: Front, tmp_path: Path) -> None:
    path = tmp_path / ("deep" * 30) / "backend.sock"
    path.parent.mkdir()
    with RawBackend(accepting(echo), unix_socket=path):
        front.use(Forwarding("http://localhost", unix_socket=str(path)))
        with opened(front) as client:
            client.sendall(HELLO)
            assert read_exactly(client, len(HELLO)) == HELLO


def test_a_backend_that_ends_with_its_101_ends_the_client(front: Front, authority: Authority) -> None:
    tls = authority.server("localhost")
    for scheme, context in (("http", None), ("https", tls)):
        with RawBackend(accepting(lambda _: None, more=HELLO), tls=context) as backend:
            front.use(Forwarding(f"{scheme}://localhost:{backend.port}", trusted=str(authority.ca_file)))
            with opened(front) as client:
                assert read_all(client) == HELLO


def test_a_client_that_goes_before_the_backend_answers_ends_its_request(edge: WebsocketEdge) -> None:
    ended = threading.Event()

    def script(connection: socket.socket, _: bytes) -> None:
        read_all(connection)
        ended.set()

    with RawBackend(script) as backend:
        edge.use(Forwarding(f"http://127.0.0.1:{backend.port}"))
        with connected(edge) as client:
            client.sendall(handshake())
            backend.heads.get(timeout=60)
        assert ended.wait(60)
