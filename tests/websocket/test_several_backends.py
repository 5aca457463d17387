"""A handler with several backends."""

import dataclasses
import socket

from tests.websocket.front import HELLO, opened
from tests.world.forwarding import Forwarding, forward_settings
from tests.world.raw_backend import RawBackend, accepting, read_exactly
from tests.world.waiting import wait_until
from tests.world.websocket_edge import WebsocketEdge, forwarding_snapshot
from webserver.routing.values import ForwardSettings, web_snapshot


def echo(connection: socket.socket) -> None:
    while data := connection.recv(65536):
        connection.sendall(data)


def test_one_that_can_not_be_reached_is_passed_over_and_then_asked_last(edge: WebsocketEdge) -> None:
    with RawBackend(accepting(echo)) as backend:
        dead = Forwarding("http://127.0.0.1:1")
        alive = forward_settings(Forwarding(f"http://127.0.0.1:{backend.port}"))
        settings = dataclasses.replace(alive, backends=(*forward_settings(dead).backends, *alive.backends))
        assert isinstance(settings, ForwardSettings)
        handler = dataclasses.replace(forwarding_snapshot(dead).handlers[0], settings=settings)
        edge.install(web_snapshot({}, (handler,)))
        for _ in range(4):
            with opened(edge) as client:
                client.sendall(HELLO)
                assert read_exactly(client, len(HELLO)) == HELLO
    wait_until(lambda: "no connection to http://127.0.0.1:1: Connection refused" in edge.log, "it is logged")
