"""Upgrading a connection that was in the clear."""

import asyncio

import pytest

from mail.tls.context import ClientContext, ServerContext
from mail.tls.engine import TlsEngine
from mail.tls.errors import TlsError
from mail.tls.transport import start_tls
from tests.tls.loopback import Recorder, tls_server


def test_what_was_sent_in_the_clear_is_never_data(strict: ClientContext, mail_server: ServerContext) -> None:
    async def run() -> None:
        server = Recorder()
        async with tls_server(mail_server, lambda: server) as (port, connections):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"MAIL FROM:<mallory@other.example>\r\n" * 10)
            with pytest.raises(TlsError):
                await (await connections.get()).handshake
            assert not server.made.is_set()
            assert bytes(server.received) == b""
            writer.close()

    asyncio.run(run())


def test_what_a_client_has_read_beyond_the_go_ahead_belongs_to_the_handshake(strict: ClientContext) -> None:
    async def run() -> None:
        async with SilentServer() as port:
            client = Recorder()
            network, _ = await asyncio.get_running_loop().create_connection(
                asyncio.Protocol, "127.0.0.1", port
            )
            engine = TlsEngine.client(strict, "localhost")
            with pytest.raises(TlsError):
                await start_tls(network, client, engine, received=b"250 injected reply\r\n")
            assert not client.made.is_set()
            assert network.is_closing()

    asyncio.run(run())


def test_the_first_bytes_of_the_handshake_may_have_been_read_already(
    strict: ClientContext, mail_server: ServerContext
) -> None:
    async def run() -> None:
        first = Recorder()
        server = Recorder()
        loop = asyncio.get_running_loop()
        listener = await loop.create_server(lambda: first, "127.0.0.1", 0)
        async with listener:
            port = listener.sockets[0].getsockname()[1]
            network, _ = await loop.create_connection(asyncio.Protocol, "127.0.0.1", port)
            client = Recorder()
            connecting = asyncio.ensure_future(
                start_tls(network, client, TlsEngine.client(strict, "localhost"))
            )
            hello = await first.until(1)
            transport = await start_tls(
                first.transport, server, TlsEngine.server(mail_server), received=hello
            )
            await connecting
            transport.write(b"220 ready\r\n")
            assert await client.until(11) == b"220 ready\r\n"
            transport.close()
            await client.lost.wait()

    asyncio.run(run())


def test_a_peer_that_says_nothing_is_given_up(mail_server: ServerContext) -> None:
    async def run() -> None:
        async with tls_server(mail_server, Recorder, timeout=0.01) as (port, connections):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            assert await reader.read() == b""
            with pytest.raises(TlsError, match=r"longer than 0\.01 seconds"):
                await (await connections.get()).handshake
            writer.close()

    asyncio.run(run())


def test_a_peer_that_leaves_during_the_handshake_is_noticed(mail_server: ServerContext) -> None:
    async def run() -> None:
        async with tls_server(mail_server, Recorder) as (port, connections):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"\x16\x03\x01")
            writer.close()
            await writer.wait_closed()
            with pytest.raises(TlsError, match="closed the connection during the handshake"):
                await (await connections.get()).handshake

    asyncio.run(run())


def test_giving_up_the_wait_closes_the_connection(strict: ClientContext) -> None:
    async def run() -> None:
        async with SilentServer() as port:
            network, _ = await asyncio.get_running_loop().create_connection(
                asyncio.Protocol, "127.0.0.1", port
            )
            upgrade = asyncio.ensure_future(
                start_tls(network, Recorder(), TlsEngine.client(strict, "localhost"))
            )
            await asyncio.sleep(0)
            upgrade.cancel()
            with pytest.raises(asyncio.CancelledError):
                await upgrade
            assert network.is_closing()

    asyncio.run(run())


class SilentServer:
    """A port that accepts connections and says nothing."""

    async def __aenter__(self) -> int:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(asyncio.Protocol, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def __aexit__(self, *exception: object) -> None:
        self._server.close()
