"""Other people's implementations of websockets, with each other directly and through us."""

import json
import os
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, BytesMessage, CloseConnection, Message, Ping, Pong, Request

from tests.websocket.front import Front
from tests.world.authority import Authority
from tests.world.echo import Echo
from tests.world.forwarding import Forwarding
from tests.world.node_ws import node_modules, run_node
from tests.world.raw_backend import RawBackend
from tests.world.waiting import wait_until


@pytest.fixture(scope="module")
def echo() -> Iterator[Echo]:
    with Echo(
        compression="deflate", select_subprotocol=lambda _, offered: offered[0] if offered else None
    ) as server:
        yield server


@pytest.mark.parametrize("is_secure", [False, True])
def test_websockets_with_compression_and_a_subprotocol(
    front: Front, echo: Echo, authority: Authority, is_secure: bool
) -> None:
    front.use(Forwarding(f"http://127.0.0.1:{echo.port}"))
    trust = ssl.create_default_context(cafile=str(authority.ca_file))
    port = front.tls_port if is_secure else front.port
    with connect(
        f"ws{'s' if is_secure else ''}://ws.example:{port}/chat?room=1",
        sock=socket.create_connection(("127.0.0.1", port)),
        ssl=trust if is_secure else None,
        subprotocols=["chat"],  # type: ignore[list-item]
        max_size=None,
        open_timeout=60,
    ) as client:
        assert client.subprotocol == "chat"
        assert client.response is not None
        assert "permessage-deflate" in client.response.headers["Sec-WebSocket-Extensions"]
        for message in ("héllo", "x" * 300_000, os.urandom(1_000_000), b""):
            client.send(message)
            assert client.recv(timeout=30) == message
        assert client.ping().wait(30)
    assert client.close_code == 1000
    assert echo.requests[-1][0] == "/chat?room=1"


def test_a_backend_s_refusal_reaches_the_client(front: Front) -> None:
    with RawBackend(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno") as backend:
        front.use(Forwarding(f"http://127.0.0.1:{backend.port}"))
        with (
            pytest.raises(InvalidStatus) as refused,
            connect(
                f"ws://ws.example:{front.port}/", sock=socket.create_connection(("127.0.0.1", front.port))
            ),
        ):
            pass
    assert refused.value.response.status_code == 403
    assert refused.value.response.body == b"no"


@given(st.lists(st.lists(st.binary(max_size=3000), min_size=1, max_size=5), min_size=1, max_size=4))
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_fragments_of_any_size_come_back_as_through_a_direct_connection(
    front: Front, echo: Echo, messages: list[list[bytes]]
) -> None:
    front.use(Forwarding(f"http://127.0.0.1:{echo.port}"))
    through, direct = (_echoed(port, messages) for port in (front.port, echo.port))
    assert through == direct == [b"".join(fragments) for fragments in messages]


def _echoed(port: int, messages: list[list[bytes]]) -> list[bytes]:
    """What comes back for messages sent in fragments by wsproto."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        protocol = WSConnection(ConnectionType.CLIENT)
        connection.sendall(protocol.send(Request(host="ws.example", target="/")))
        got: list[bytes] = []
        pieces: list[bytes] = []
        while len(got) < len(messages):
            data = connection.recv(65536)
            assert data, "closed too early"
            protocol.receive_data(data)
            for event in protocol.events():
                if isinstance(event, AcceptConnection):
                    for fragments in messages:
                        connection.sendall(protocol.send(Ping()))
                        for index, fragment in enumerate(fragments):
                            last = index == len(fragments) - 1
                            connection.sendall(protocol.send(Message(fragment, message_finished=last)))
                elif isinstance(event, BytesMessage):
                    pieces.append(bytes(event.data))
                    if event.message_finished:
                        got.append(b"".join(pieces))
                        pieces = []
                else:
                    assert isinstance(event, Pong), event
        connection.sendall(protocol.send(CloseConnection(code=1000)))
        return got


_NODE = """
const { WebSocket, WebSocketServer } = require('ws');
const { createHash, randomBytes } = require('crypto');
const digest = (data) => createHash('sha256').update(data).digest('hex');
const sizes = [0, 1, 125, 126, 65535, 65536, 3000000];
const client = new WebSocket(process.argv[1], { headers: { Host: 'ws.example' } });
const sent = [], got = [];
client.on('open', () => {
  for (const size of sizes) { const data = randomBytes(size); sent.push(digest(data)); client.send(data); }
  client.ping();
});
client.on('message', (data) => {
  got.push(digest(data));
  if (got.length === sizes.length) client.close(4000, 'done');
});
client.on('close', (code) => { console.log(JSON.stringify({ code, sent, got })); });
client.on('error', (error) => { console.error(error); process.exit(1); });
"""


@pytest.mark.external
def test_ws_of_node_js(front: Front, echo: Echo) -> None:
    modules = node_modules()
    if not isinstance(modules, Path):
        pytest.skip(modules)
    front.use(Forwarding(f"http://127.0.0.1:{echo.port}"))
    said = json.loads(run_node(_NODE, modules, f"ws://127.0.0.1:{front.port}/"))
    assert said["got"] == said["sent"]
    assert len(said["got"]) == 7
    assert said["code"] == 4000
    wait_until(lambda: echo.requests, "the echo server has seen it")
