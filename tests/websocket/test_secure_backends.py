"""Backends that are reached with TLS."""

import socket
import ssl
from pathlib import Path

import pytest

from tests.websocket.front import HELLO, Front, answer, handshake, opened
from tests.world.authority import Authority
from tests.world.forwarding import Forwarding
from tests.world.raw_backend import RawBackend, accepting, read_exactly
from tests.world.waiting import wait_until


def echo(connection: socket.socket) -> None:
    while data := connection.recv(65536):
        connection.sendall(data)


def test_it_is_asked_by_its_name_for_http_1_1(front: Front, authority: Authority) -> None:
    context = authority.server("localhost")
    context.set_alpn_protocols(["h2", "http/1.1"])
    seen: list[tuple[str, str | None]] = []

    def note_name(shown: ssl.SSLObject, name: str, _: ssl.SSLContext) -> None:
        seen.append((name, shown.selected_alpn_protocol()))

    context.sni_callback = note_name
    with RawBackend(accepting(echo), tls=context) as backend:
        front.use(Forwarding(f"https://localhost:{backend.port}", trusted=str(authority.ca_file)))
        with opened(front) as client:
            client.sendall(HELLO)
            assert read_exactly(client, len(HELLO)) == HELLO
        assert seen[0][0] == "localhost"
        assert backend.protocols.get(timeout=30) == "http/1.1"


@pytest.mark.parametrize("trusts", [False, True])
def test_one_whose_certificate_is_not_its_own_is_a_bad_gateway(
    front: Front, authority: Authority, tmp_path: Path, trusts: bool
) -> None:
    signer, name = (authority, "other.example") if trusts else (Authority(tmp_path), "localhost")
    with RawBackend(accepting(echo), tls=signer.server(name)) as backend:
        front.use(Forwarding(f"https://localhost:{backend.port}", trusted=str(authority.ca_file)))
        status, _, _ = answer(front, handshake())
        assert status == 502
        wait_until(
            lambda: f"localhost:{backend.port}: its certificate is not accepted" in front.log, "it is logged"
        )
