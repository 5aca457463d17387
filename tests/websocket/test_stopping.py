"""The end of a server with open tunnels."""

import asyncio
import socket
from types import SimpleNamespace
from typing import cast

from webserver.routing.values import Backend
from webserver.websocket.open_tunnels import OpenTunnels
from webserver.websocket.tunnel import Stream, Tunnel, as_stream
from webserver.websocket.upgrade import Upgrade

BACKEND = Backend("http://backend", False, "backend", 80)


async def _stream() -> tuple[Stream, socket.socket]:
    """One end as a tunnel has it, and the other."""
    ours, theirs = socket.socketpair()
    transport, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, sock=ours)
    transport.pause_reading()
    return as_stream(transport), theirs


async def _open(tunnels: OpenTunnels, closed: list[Tunnel]) -> list[socket.socket]:
    (client, far_client), (backend, far_backend) = await _stream(), await _stream()
    upgrade = SimpleNamespace(
        connection=SimpleNamespace(tunnel_closed=closed.append),
        handler=SimpleNamespace(name="sockets"),
        request=None,
        client="",
        url="",
    )
    tunnels.add(cast("Upgrade", upgrade), BACKEND, client, backend).begin(b"101", b"", b"")
    return [far_client, far_backend]


def test_also_a_websocket_that_opens_while_the_others_end_is_ended() -> None:
    async def stop() -> None:
        tunnels, closed = OpenTunnels(), list[Tunnel]()
        far = await _open(tunnels, closed)
        ending = asyncio.get_running_loop().create_task(tunnels.end(60, "the server stops"))
        await asyncio.sleep(0)
        far += await _open(tunnels, closed)
        assert len(tunnels) == 2
        for end in far:
            end.shutdown(socket.SHUT_WR)
        await asyncio.wait_for(ending, 30)
        assert len(tunnels) == 0
        assert [tunnel.error for tunnel in closed] == ["the server stops"] * 2
        for end in far:
            end.close()

    asyncio.run(stop())
