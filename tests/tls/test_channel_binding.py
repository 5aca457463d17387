"""Both sides, and an independent implementation, agree on what ties an authentication to a connection."""

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from OpenSSL import SSL

from mail.tls.context import ClientContext, ServerContext, client_context
from mail.tls.engine import TlsEngine
from mail.tls.errors import TlsError
from tests.tls.engines import connected


@pytest.fixture
def only_tls12(ca_file: Path) -> ClientContext:
    context = client_context(verify=True, ca_file=ca_file, system_pool=False)
    context.openssl.set_max_proto_version(SSL.TLS1_2_VERSION)
    return context


def test_tls13_exports_the_same_32_bytes_on_both_sides(
    strict: ClientContext, mail_server: ServerContext
) -> None:
    client, server = connected(strict, mail_server)
    kind, data = client.channel_binding()
    assert kind == "tls-exporter"
    assert len(data) == 32
    assert server.channel_binding() == (kind, data)


def test_two_connections_have_different_bindings(strict: ClientContext, mail_server: ServerContext) -> None:
    first, _ = connected(strict, mail_server)
    second, _ = connected(strict, mail_server)
    assert first.channel_binding() != second.channel_binding()


def test_tls12_binds_to_the_finished_message(only_tls12: ClientContext, mail_server: ServerContext) -> None:
    client, server = connected(only_tls12, mail_server)
    assert client.version == "TLSv1.2"
    kind, data = client.channel_binding()
    assert kind == "tls-unique"
    assert server.channel_binding() == (kind, data)


def test_there_is_no_binding_before_the_handshake(strict: ClientContext) -> None:
    with pytest.raises(TlsError):
        TlsEngine.client(strict, "localhost").channel_binding()


def test_tls_unique_is_what_the_standard_library_finds(ca_file: Path, mail_server: ServerContext) -> None:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context(cafile=str(ca_file))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    peer = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    server = TlsEngine.server(mail_server)
    for _ in range(3):
        try:
            peer.do_handshake()
        except ssl.SSLWantReadError:
            server.receive(outgoing.read())
            incoming.write(server.to_network())
    assert server.channel_binding() == ("tls-unique", peer.get_channel_binding("tls-unique"))


def test_a_second_connection_of_the_same_client_is_not_a_resumed_one(
    ca_file: Path, issued: Callable[..., ServerContext]
) -> None:
    server_context = issued("localhost")
    context = ssl.create_default_context(cafile=str(ca_file))
    session = None
    for _ in range(2):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        peer = context.wrap_bio(incoming, outgoing, server_hostname="localhost", session=session)
        server = TlsEngine.server(server_context)
        for _ in range(3):
            try:
                peer.do_handshake()
            except ssl.SSLWantReadError:
                pass
            server.receive(outgoing.read())
            incoming.write(server.to_network())
        server.send(b"220 ready\r\n")
        incoming.write(server.to_network())
        assert peer.read() == b"220 ready\r\n"
        assert not peer.session_reused
        session = peer.session
