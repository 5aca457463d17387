"""The engine alone, without any network."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mail.tls.context import ClientContext, ServerContext
from mail.tls.engine import TlsEngine
from mail.tls.errors import TlsError
from tests.tls.engines import connected, exchange


def test_data_crosses_in_both_directions(strict: ClientContext, mail_server: ServerContext) -> None:
    client, server = connected(strict, mail_server)
    client.send(b"EHLO client\r\n")
    server.send(b"250 ok\r\n")
    assert exchange(client, server) == (b"250 ok\r\n", b"EHLO client\r\n")
    assert client.info == server.info
    assert client.version == "TLSv1.3"


def test_the_server_name_is_indicated_and_the_chain_shown(
    strict: ClientContext, mail_server: ServerContext
) -> None:
    client, server = connected(strict, mail_server)
    assert server.server_name == "mail.example.org"
    assert client.peer_certificate is not None
    assert client.peer_chain[0] == client.peer_certificate
    assert server.peer_certificate is None
    assert server.peer_chain == []


def test_an_address_is_not_indicated_as_server_name(
    strict: ClientContext, mail_server: ServerContext
) -> None:
    _, server = connected(strict, mail_server, "127.0.0.1")
    assert server.established
    assert server.server_name == ""


@settings(max_examples=30, deadline=None)
@given(sizes=st.lists(st.integers(1, 700), min_size=1, max_size=40))
def test_the_network_may_cut_the_stream_anywhere(
    strict: ClientContext, mail_server: ServerContext, sizes: list[int]
) -> None:
    client, server = TlsEngine.client(strict, "localhost"), TlsEngine.server(mail_server)
    content = os.urandom(20_000)
    received = b""
    to_server = bytearray(client.to_network())
    position = 0
    while len(received) < len(content):
        size = sizes[position % len(sizes)]
        position += 1
        received += server.receive(bytes(to_server[:size]))
        del to_server[:size]
        was_established = client.established
        client.receive(server.to_network())
        if client.established and not was_established:
            client.send(content)
        to_server += client.to_network()
    assert received == content


def test_a_megabyte_crosses_in_one_call(strict: ClientContext, mail_server: ServerContext) -> None:
    client, server = connected(strict, mail_server)
    content = os.urandom(1_000_003)
    client.send(memoryview(content))
    assert server.receive(client.to_network()) == content


def test_it_is_known_when_nothing_but_data_came(strict: ClientContext, mail_server: ServerContext) -> None:
    client, server = connected(strict, mail_server)
    client.send(b"NOOP\r\n")
    client.send(b"QUIT\r\n")
    outgoing = client.to_network()
    assert server.receive(outgoing[:-1]) == b"NOOP\r\n"
    assert server.receive(outgoing[-1:]) == b"QUIT\r\n"
    assert server.took_only_data
    assert server.to_network() == b""


def test_data_beside_the_end_of_the_handshake_or_of_the_connection_is_not_all(
    strict: ClientContext, mail_server: ServerContext
) -> None:
    client, server = TlsEngine.client(strict, "localhost"), TlsEngine.server(mail_server)
    server.receive(client.to_network())
    client.receive(server.to_network())
    client.send(b"EHLO client\r\n")
    assert server.receive(client.to_network()) == b"EHLO client\r\n"
    assert not server.took_only_data
    assert server.to_network(), "tickets for resuming the session"
    client.send(b"QUIT\r\n")
    client.close()
    assert server.receive(client.to_network()) == b"QUIT\r\n"
    assert server.peer_closed
    assert not server.took_only_data


def test_close_is_told_to_the_peer_after_the_data(strict: ClientContext, mail_server: ServerContext) -> None:
    client, server = connected(strict, mail_server)
    client.send(b"QUIT\r\n")
    client.close()
    assert server.receive(client.to_network()) == b"QUIT\r\n"
    assert server.peer_closed
    assert not client.peer_closed


def test_close_before_the_handshake_does_nothing(strict: ClientContext) -> None:
    TlsEngine.client(strict, "localhost").close()


def test_a_damaged_record_ends_the_connection_with_an_alert(
    strict: ClientContext, mail_server: ServerContext
) -> None:
    client, server = connected(strict, mail_server)
    client.send(b"MAIL FROM:<alice@example.org>\r\n")
    damaged = bytearray(client.to_network())
    damaged[-1] ^= 1
    with pytest.raises(TlsError, match="bad record mac"):
        server.receive(damaged)
    with pytest.raises(TlsError, match="alert"):
        client.receive(server.to_network())


@pytest.mark.parametrize("garbage", [b"EHLO mallory\r\n", b"\x00" * 50, b"\x16\x03\x01\xff\xff" + b"A" * 600])
def test_garbage_instead_of_a_handshake_is_refused(mail_server: ServerContext, garbage: bytes) -> None:
    with pytest.raises(TlsError):
        TlsEngine.server(mail_server).receive(garbage)


def test_data_before_the_handshake_is_refused(strict: ClientContext) -> None:
    engine = TlsEngine.client(strict, "localhost")
    with pytest.raises(TlsError):
        engine.send(b"EHLO client\r\n")
