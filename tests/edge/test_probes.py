"""Clients that vanish without a word."""

import socket
from typing import cast

from tests.edge.serving import running_edge
from tests.world.waiting import wait_until
from webserver.edge.connection import Connection
from webserver.edge.probes import IDLE_SECONDS


def test_the_kernel_asks_whether_a_silent_client_is_still_there() -> None:
    with running_edge(lambda _: None) as running, running.connect():
        wait_until(lambda: running.edge.connections, "the edge has the connection")
        (connection,) = running.edge.connections
        used = cast("Connection", connection).transport.get_extra_info("socket")
        assert used.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert used.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == IDLE_SECONDS
