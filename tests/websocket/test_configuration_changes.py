"""Tunnels while the configuration changes."""

import contextlib
import dataclasses
import re
import socket
import threading

import pytest

from tests.websocket.front import HELLO, opened
from tests.world.authority import Authority
from tests.world.forwarding import Forwarding
from tests.world.raw_backend import RawBackend, accepting, read_all, read_exactly
from tests.world.waiting import wait_until
from tests.world.websocket_edge import WebsocketEdge, forwarding_snapshot
from webserver.routing.values import Handler, RedirectSettings, WebSnapshot, web_snapshot
from webserver.websocket import unwanted


def echo(connection: socket.socket) -> None:
    while data := connection.recv(65536):
        connection.sendall(data)


def say(client: socket.socket) -> None:
    """A message there and back."""
    client.sendall(HELLO)
    assert read_exactly(client, len(HELLO)) == HELLO


def other(number: int) -> Handler:
    settings = RedirectSettings(None, re.compile("a"), "b")
    return Handler(100 + number, f"other {number}", f"h{number}.example", re.compile("^/"), settings)


def changed(web: WebSnapshot, **changes: object) -> WebSnapshot:
    """The configuration with its one handler changed."""
    return web_snapshot({}, (dataclasses.replace(web.handlers[0], **changes),))  # type: ignore[arg-type]


def test_fifty_tunnels_stay_open_over_twenty_saves(edge: WebsocketEdge) -> None:
    with RawBackend(accepting(echo)) as backend, contextlib.ExitStack() as stack:
        forwarding = Forwarding(f"http://127.0.0.1:{backend.port}")
        edge.use(forwarding)
        web = forwarding_snapshot(forwarding)
        clients = [stack.enter_context(opened(edge)) for _ in range(50)]
        for number in range(20):
            handlers = [other(each) for each in range(number)]
            handlers.insert(number // 2, dataclasses.replace(web.handlers[0], name=f"renamed {number}"))
            edge.install(web_snapshot({}, tuple(handlers)))
            for client in clients[number :: 20 - number]:
                say(client)
        for client in clients:
            say(client)
        assert edge.tunnels >= 50


@pytest.mark.parametrize("how", ["removed", "another path", "https only", "another backend"])
def test_a_tunnel_that_no_handler_forwards_any_more_is_ended_with_grace(
    edge: WebsocketEdge, how: str
) -> None:
    last_words: list[bytes] = []

    def script(connection: socket.socket) -> None:
        connection.sendall(read_exactly(connection, 5))
        last_words.append(read_all(connection))
        connection.sendall(b"bye")

    with RawBackend(accepting(script)) as backend:
        forwarding = Forwarding(f"http://127.0.0.1:{backend.port}")
        edge.use(forwarding)
        web = forwarding_snapshot(forwarding)
        with opened(edge) as client:
            client.sendall(b"hello")
            assert read_exactly(client, 5) == b"hello"
            edge.install(
                {
                    "removed": web_snapshot({}, ()),
                    "another path": changed(web, path=re.compile("^/elsewhere")),
                    "https only": changed(web, dont_redirect_plain_http=False),
                    "another backend": forwarding_snapshot(Forwarding("http://127.0.0.1:1")),
                }[how]
            )
            assert read_all(client) == b""
        wait_until(lambda: last_words, "the backend sees the end")
    assert last_words == [b""]
    wait_until(lambda: f'error="{unwanted.REASON}"' in edge.log, "the reason is logged")


@pytest.mark.parametrize("is_secure", [False, True])
def test_whoever_does_not_end_in_time_is_cut(
    edge: WebsocketEdge, authority: Authority, monkeypatch: pytest.MonkeyPatch, is_secure: bool
) -> None:
    never = threading.Event()
    monkeypatch.setattr(unwanted, "GRACE_SECONDS", 0.1)
    with RawBackend(accepting(lambda _: never.wait(60))) as backend:
        edge.use(Forwarding(f"http://127.0.0.1:{backend.port}"))
        before = edge.tunnels
        with opened(edge, authority=authority if is_secure else None):
            assert edge.tunnels == before + 1
            edge.install(web_snapshot({}, ()))
            wait_until(lambda: edge.tunnels == before, "the tunnel is cut")
        never.set()
