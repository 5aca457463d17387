"""TLS over loopback, also against the standard library's."""

import asyncio
import os
import ssl
from pathlib import Path

import pytest
import trustme

from mail.tls.context import ClientContext, ServerContext
from mail.tls.engine import TlsEngine
from mail.tls.errors import TlsError
from tests.tls.loopback import Recorder, connect, tls_server

CONTENT = os.urandom(3_000_000)


class Echo(Recorder):
    """Sends back what it gets and closes when the peer does."""

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


def test_the_standard_library_talks_to_our_server(ca_file: Path, mail_server: ServerContext) -> None:
    async def run() -> bytes:
        context = ssl.create_default_context(cafile=str(ca_file))
        async with tls_server(mail_server, Echo) as (port, _):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
            writer.write(CONTENT)
            echoed = await reader.readexactly(len(CONTENT))
            writer.close()
            await writer.wait_closed()
            return echoed

    assert asyncio.run(run()) == CONTENT


def test_our_client_talks_to_the_standard_library(authority: trustme.CA, strict: ClientContext) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readexactly(len(CONTENT)))
        writer.close()

    async def run() -> bytes:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("localhost").configure_cert(context)
        server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
        async with server:
            client = Recorder()
            transport = await connect(
                server.sockets[0].getsockname()[1], client, TlsEngine.client(strict, "localhost")
            )
            transport.write(CONTENT)
            await client.ended.wait()
            await client.lost.wait()
            assert client.error is None
            return bytes(client.received)

    assert asyncio.run(run()) == CONTENT


def test_streams_work_on_the_transport(strict: ClientContext, mail_server: ServerContext) -> None:
    async def run() -> None:
        async with tls_server(mail_server, Echo) as (port, _):
            reader = asyncio.StreamReader()
            protocol = asyncio.StreamReaderProtocol(reader)
            transport = await connect(port, protocol, TlsEngine.client(strict, "localhost"))
            writer = asyncio.StreamWriter(transport, protocol, reader, asyncio.get_running_loop())
            writer.write(CONTENT)
            assert await reader.readexactly(len(CONTENT)) == CONTENT
            await writer.drain()
            writer.close()
            await writer.wait_closed()

    asyncio.run(run())


def test_the_engine_and_the_addresses_are_known(strict: ClientContext, mail_server: ServerContext) -> None:
    async def run() -> None:
        server = Recorder()
        async with tls_server(mail_server, lambda: server) as (port, _):
            transport = await connect(port, Recorder(), TlsEngine.client(strict, "localhost"))
            await server.made.wait()
            assert transport.get_extra_info("peername") == ("127.0.0.1", port)
            ours, theirs = transport.get_extra_info("tls"), server.transport.get_extra_info("tls")
            assert ours.channel_binding() == theirs.channel_binding()
            transport.close()
            await server.lost.wait()

    asyncio.run(run())


def test_the_protocol_is_told_to_stop_while_the_peer_does_not_read(
    strict: ClientContext, mail_server: ServerContext
) -> None:
    async def run() -> None:
        server = Recorder()
        async with tls_server(mail_server, lambda: server) as (port, _):
            client = Recorder()
            transport = await connect(port, client, TlsEngine.client(strict, "localhost"))
            await server.made.wait()
            server.transport.pause_reading()
            written = 0
            piece = b"x" * 100_000
            while not client.full.is_set():
                transport.write(piece)
                written += len(piece)
                await asyncio.sleep(0)
            assert 0 < transport.get_write_buffer_size() < 1_000_000
            server.transport.resume_reading()
            await client.free.wait()
            assert await server.until(written) == b"x" * written
            transport.close()
            await server.lost.wait()

    asyncio.run(run())


def test_nothing_is_handed_on_while_reading_is_paused(
    strict: ClientContext, mail_server: ServerContext
) -> None:
    class PausesAtOnce(Recorder):
        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            self.transport.pause_reading()

    async def run() -> None:
        server = PausesAtOnce()
        async with tls_server(mail_server, lambda: server) as (port, _):
            transport = await connect(port, Recorder(), TlsEngine.client(strict, "localhost"))
            transport.write(CONTENT)
            transport.close()
            pieces = 0
            while len(server.received) < len(CONTENT):
                await server.arrived.wait()
                size = len(server.received)
                server.arrived.clear()
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                assert len(server.received) == size
                assert not server.ended.is_set()
                server.transport.resume_reading()
                assert len(server.received) == size
                pieces += 1
            assert pieces > 10
            await server.ended.wait()
            await server.lost.wait()
            assert bytes(server.received) == CONTENT

    asyncio.run(run())


def test_a_large_write_leaves_turns_to_others(strict: ClientContext, mail_server: ServerContext) -> None:
    async def run() -> int:
        server = Recorder()
        async with tls_server(mail_server, lambda: server) as (port, _):
            transport = await connect(port, Recorder(), TlsEngine.client(strict, "localhost"))
            transport.write(b"x" * 20_000_000)
            turns = 0
            while len(server.received) < 20_000_000:
                await asyncio.sleep(0)
                turns += 1
            transport.close()
            await server.lost.wait()
            return turns

    assert asyncio.run(run()) > 100


def test_close_sends_everything_and_says_so(strict: ClientContext, mail_server: ServerContext) -> None:
    async def run() -> None:
        server, client = Recorder(), Recorder()
        async with tls_server(mail_server, lambda: server) as (port, _):
            transport = await connect(port, client, TlsEngine.client(strict, "localhost"))
            transport.write(CONTENT)
            transport.close()
            transport.write(b"too late")
            assert transport.is_closing()
            await server.ended.wait()
            assert bytes(server.received) == CONTENT
            assert server.transport.get_extra_info("tls").peer_closed
            await client.lost.wait()
            await server.lost.wait()
            assert client.error is None

    asyncio.run(run())


def test_abort_drops_what_was_not_sent(strict: ClientContext, mail_server: ServerContext) -> None:
    async def run() -> None:
        server, client = Recorder(), Recorder()
        async with tls_server(mail_server, lambda: server) as (port, _):
            transport = await connect(port, client, TlsEngine.client(strict, "localhost"))
            transport.write(b"x" * 50_000_000)
            transport.abort()
            await client.lost.wait()
            await server.lost.wait()
            assert len(server.received) < 50_000_000

    asyncio.run(run())


def test_data_beside_the_last_handshake_message_comes_after_connection_made(
    strict: ClientContext, mail_server: ServerContext
) -> None:
    async def run() -> None:
        server = Recorder()
        async with tls_server(mail_server, lambda: server) as (port, _):
            transport = await connect(port, Recorder(), TlsEngine.client(strict, "localhost"))
            transport.write(b"EHLO client\r\n")
            assert await server.until(13) == b"EHLO client\r\n"
            transport.close()
            await server.lost.wait()

    asyncio.run(run())


def test_a_record_damaged_on_the_way_ends_the_connection(
    strict: ClientContext, mail_server: ServerContext
) -> None:
    async def run() -> None:
        server = Recorder()
        async with tls_server(mail_server, lambda: server) as (port, _):
            network, _ = await asyncio.get_running_loop().create_connection(Recorder, "127.0.0.1", port)
            engine = TlsEngine.client(strict, "localhost")
            recorder = network.get_protocol()
            assert isinstance(recorder, Recorder)
            network.write(engine.to_network())
            while not engine.established:
                await recorder.arrived.wait()
                recorder.arrived.clear()
                engine.receive(bytes(recorder.received))
                recorder.received.clear()
                network.write(engine.to_network())
            await server.made.wait()
            network.write(b"\x17\x03\x03\x00\x20" + b"A" * 32)
            await server.lost.wait()
            assert isinstance(server.error, TlsError)
            await recorder.lost.wait()

    asyncio.run(run())


@pytest.mark.parametrize("name", ["localhost", "other.example"])
def test_a_refused_certificate_is_the_reason_on_the_client(
    strict: ClientContext, mail_server: ServerContext, name: str
) -> None:
    async def run() -> None:
        server = Recorder()
        async with tls_server(mail_server, lambda: server) as (port, connections):
            client = Recorder()
            if name == "localhost":
                (await connect(port, client, TlsEngine.client(strict, name))).abort()
                return
            with pytest.raises(TlsError, match=r"certificate is not for other\.example"):
                await connect(port, client, TlsEngine.client(strict, name))
            assert not client.made.is_set()
            with pytest.raises(TlsError, match="alert"):
                await (await connections.get()).handshake
            assert not server.made.is_set()

    asyncio.run(run())
