"""Edge processes tell which tunnels they have."""

import asyncio
import socket
from pathlib import Path

import pytest

from tests.websocket.front import HELLO, handshake, opened
from tests.world.forwarding import Forwarding
from tests.world.raw_backend import RawBackend, accepting, read_all, read_exactly
from tests.world.waiting import wait_until
from tests.world.websocket_edge import WebsocketEdge
from webserver.telling import Telling
from webserver.websocket import listing
from webserver.websocket.told import told_tunnels


def answers_twice(connection: socket.socket) -> None:
    connection.sendall(connection.recv(100) * 2)
    read_all(connection)


def test_open_tunnels_are_told_with_what_went_through(edge: WebsocketEdge) -> None:
    with RawBackend(accepting(answers_twice)) as backend:
        url = f"http://127.0.0.1:{backend.port}"
        edge.use(Forwarding(url))
        wait_until(lambda: told_tunnels(edge.folder).count == 0, "earlier tunnels are closed")
        with opened(edge, handshake(target=b"/room?token=x")) as client:
            client.sendall(HELLO)
            read_exactly(client, 2 * len(HELLO))
            told = told_tunnels(edge.folder)
            (tunnel,) = told.tunnels
            assert told.count == 1
        assert (tunnel.handler, tunnel.url, tunnel.client) == (
            "sockets",
            "http://ws.example/room",
            "127.0.0.1",
        )
        assert (tunnel.backend, tunnel.to_client, tunnel.from_client) == (url, 2 * len(HELLO), len(HELLO))
        wait_until(lambda: told_tunnels(edge.folder).count == 0, "a closed one is told no more")


def test_of_many_the_newest_are_told(edge: WebsocketEdge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST", 1)
    with RawBackend(accepting(read_all)) as backend:
        edge.use(Forwarding(f"http://127.0.0.1:{backend.port}"))
        wait_until(lambda: told_tunnels(edge.folder).count == 0, "earlier tunnels are closed")
        with opened(edge), opened(edge):
            told = told_tunnels(edge.folder)
    assert (told.count, len(told.tunnels)) == (2, 1)


def test_where_no_socket_can_be_made_that_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    telling = Telling(tmp_path / "missing", {})
    asyncio.run(telling.start())
    telling.close()
    assert "admin pages can't be told" in caplog.text


def test_what_a_killed_process_has_left_goes_away(tmp_path: Path) -> None:
    path = tmp_path / "edge.1"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    assert told_tunnels(tmp_path).count == 0
    assert not path.exists()
