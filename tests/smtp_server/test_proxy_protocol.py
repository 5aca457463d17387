"""Clients that come by way of a proxy: who they are, and what happens when the proxy does not say it."""

import asyncio
import contextlib
import ipaddress
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from delivery.smtp.server import connection
from delivery.smtp.server.backend import Service, SessionInfo
from delivery.smtp.server.limits import Limits
from tests.smtp_server.raw import World, running, until
from tests.world.haproxy import answers, program, started
from tests.world.proxy_headers import SIGNATURE, V4, V6, version_2
from tests.world.waiting import wait_until

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)


async def announce(world: World, header: bytes) -> SessionInfo:
    """What the server knows of a client whose proxy sends this header."""
    client = await world.dial()
    client.send(header)
    assert (await client.reply()).startswith("220")
    assert (await client.ask("EHLO client.example")).startswith("250")
    return world.backend.sessions[-1]


@pytest.mark.parametrize(
    ("header", "remote"),
    [
        (b"PROXY TCP4 192.0.2.7 198.51.100.1 4711 25\r\n", "192.0.2.7"),
        (b"PROXY TCP6 2001:db8::7 2001:db8::1 4711 25\r\n", "2001:db8::7"),
        (version_2(1, 0x11, V4), "192.0.2.7"),
        (version_2(1, 0x11, V4, b"\x04\x00\x03abc"), "192.0.2.7"),
        (version_2(1, 0x21, V6), "2001:db8::7"),
    ],
)
def test_the_client_is_who_the_header_says(header: bytes, remote: str) -> None:
    async def run() -> None:
        async with running(trusted_proxies=LOOPBACK) as world:
            info = await announce(world, header)
            assert (info.remote_address, info.remote_port, info.local_port) == (remote, 4711, 25)
            for byte in range(len(header)):  # in pieces, and with a command in the same segment
                client = await world.dial()
                client.send(header[:byte])
                await client.writer.drain()
                client.send(header[byte:] + b"NOOP\r\n")
                assert (await client.reply()).startswith("220")
                assert (await client.reply()).startswith("250")
                client.close()

    asyncio.run(run())


@pytest.mark.parametrize(
    "header",
    [b"PROXY UNKNOWN\r\n", version_2(0, 0x00, b""), version_2(1, 0x00, b""), version_2(0, 0x11, V4)],
)
def test_a_proxy_may_speak_for_itself(header: bytes) -> None:
    async def run() -> None:
        async with running(trusted_proxies=LOOPBACK) as world:
            assert (await announce(world, header)).remote_address == "127.0.0.1"

    asyncio.run(run())


@pytest.fixture
def from_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Peers are taken for such of another machine."""
    monkeypatch.setattr(connection, "is_local", lambda _: False)


@pytest.mark.usefixtures("from_elsewhere")
@pytest.mark.parametrize(
    "header",
    [
        b"EHLO client.example\r\n",
        b"PROXY TCP4 192.0.2.7 198.51.100.1 4711\r\n",
        b"PROXY TCP4 2001:db8::7 198.51.100.1 4711 25\r\n",
        b"PROXY TCP4 192.0.2.7 198.51.100.1 4711 99999\r\n",
        b"PROXY TCP4 " + b"1" * 5000,
        b"PROXY TCP9 192.0.2.7 198.51.100.1 4711 25\r\n",
        version_2(1, 0x12, V4),
        version_2(1, 0x11, V4[:8]),
        SIGNATURE + b"\x31\x11\x00\x00",
        b"\r\n\r\n\x00\r\nEXIT\n" + V4,
    ],
)
def test_a_trusted_proxy_without_a_proper_header_is_cut_off(header: bytes) -> None:
    async def run() -> None:
        async with running(trusted_proxies=LOOPBACK) as world:
            client = await world.dial()
            client.send(header)
            assert await client.ended()
            assert world.backend.events == []
            await until(lambda: world.server.connections == 0)

    asyncio.run(run())


@pytest.mark.usefixtures("from_elsewhere")
def test_a_proxy_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEADER_SECONDS", 0.05)

    async def run() -> None:
        async with running(trusted_proxies=LOOPBACK) as world:
            silent, slow = await world.dial(), await world.dial()
            slow.send(b"PROXY TC")
            assert await silent.ended()
            assert await slow.ended()

    asyncio.run(run())


@pytest.mark.parametrize("early", [b"", b"EHLO early.example\r\n", b"\r\nPROXY\r\n"])
def test_other_programs_on_the_machine_of_a_proxy_need_no_header(
    early: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "LOCAL_SECONDS", 0.05)

    async def run() -> None:
        async with running(trusted_proxies=LOOPBACK) as world:
            client = await world.dial()
            client.send(early)
            assert (await client.reply()).startswith("220")
            assert world.backend.sessions[0].remote_address == "127.0.0.1"
            if early.startswith(b"EHLO"):
                assert (await client.reply()).startswith("250")

    asyncio.run(run())


def test_another_program_may_begin_with_tls_at_once() -> None:
    async def run() -> None:
        async with running(Service.SUBMISSIONS, trusted_proxies=LOOPBACK) as world:
            client = await world.dial()
            await client.start_tls()
            assert (await client.reply()).startswith("220")

    asyncio.run(run())


def test_a_header_that_is_late_tells_nobody_else_who_the_client_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "LOCAL_SECONDS", 0.05)

    async def run() -> None:
        async with running(trusted_proxies=LOOPBACK) as world:
            client = await world.dial()
            assert (await client.reply()).startswith("220")
            client.send(b"PROXY TCP4 192.0.2.7 198.51.100.1 4711 25\r\nEHLO client.example\r\n")
            assert (await client.reply()).startswith("500 5.5.1 no PROXY protocol")
            assert await client.ended()

    asyncio.run(run())


def test_others_can_not_pretend_to_come_from_elsewhere() -> None:
    elsewhere = (ipaddress.ip_network("192.0.2.0/24"),)

    async def run() -> None:
        for trusted in ((), elsewhere):
            async with running(trusted_proxies=trusted) as world:
                client = await world.connect()
                client.send(b"PROXY TCP4 192.0.2.7 198.51.100.1 4711 25\r\nEHLO client.example\r\n")
                answer = await client.reply()
                assert answer == "500 5.5.1 no PROXY protocol is expected from your address"
                assert await client.ended()
                assert world.backend.sessions[0].remote_address == "127.0.0.1"

    asyncio.run(run())


def test_connections_are_counted_for_the_client_and_not_for_the_proxy() -> None:
    async def run() -> None:
        async with running(limits=Limits(connections_per_network=1), trusted_proxies=LOOPBACK) as world:
            await announce(world, b"PROXY TCP4 192.0.2.7 198.51.100.1 4711 25\r\n")
            await announce(world, b"PROXY TCP4 192.0.2.8 198.51.100.1 4711 25\r\n")
            third = await world.dial()
            third.send(b"PROXY TCP4 192.0.2.7 198.51.100.1 4712 25\r\n")
            assert await third.reply() == "421 too many connections, come back later"
            assert await third.ended()
            assert world.server.connections == 2

    asyncio.run(run())


def test_the_header_comes_before_tls() -> None:
    async def run() -> None:
        async with running(Service.SUBMISSIONS, trusted_proxies=LOOPBACK) as world:
            client = await world.dial()
            client.send(version_2(1, 0x11, V4))
            await client.start_tls()
            assert (await client.reply()).startswith("220")
            assert world.backend.sessions[0].remote_address == "192.0.2.7"

    asyncio.run(run())


@pytest.mark.external
@pytest.mark.parametrize("how", ["send-proxy", "send-proxy-v2"])
def test_through_haproxy(tmp_path: Path, how: str) -> None:
    if program() is None:
        pytest.skip("haproxy is not installed")

    async def run() -> None:
        async with running(trusted_proxies=LOOPBACK) as world, haproxy(tmp_path, world.port, how) as port:
            # A client of another loopback address, so that it can be told from the proxy.
            reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=("127.9.8.7", 0))
            assert (await reader.readline()).startswith(b"220")
            writer.write(b"QUIT\r\n")
            assert (await reader.readline()).startswith(b"221")
            assert "127.9.8.7" in [info.remote_address for info in world.backend.sessions]
            writer.close()

    @contextlib.asynccontextmanager
    async def haproxy(folder: Path, target: int, how: str) -> AsyncIterator[int]:
        with started(folder, target, how) as (port, process):
            await asyncio.to_thread(wait_until, lambda: answers(port, process), "haproxy answers")
            yield port

    asyncio.run(run())
