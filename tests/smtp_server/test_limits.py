"""How much a client may ask."""

import asyncio

import pytest

from delivery.smtp.server.backend import Service
from delivery.smtp.server.limits import Limits
from delivery.smtp.server.networks import ConnectionCounter, network_of
from tests.smtp_server.raw import running, until


@pytest.mark.parametrize("limits", [Limits(connections=2), Limits(connections_per_network=2)])
def test_one_connection_too_many_is_told_to_come_back(limits: Limits) -> None:
    async def run() -> None:
        async with running(limits=limits) as world:
            first, _ = await world.connect(), await world.connect()
            third = await world.dial()
            assert await third.reply() == "421 too many connections, come back later"
            assert await third.ended()
            assert world.server.connections == 2
            await first.ask("QUIT")
            assert await first.ended()
            await until(lambda: world.server.connections == 1)
            await world.connect()
            assert world.backend.events.count("connected") == 3

    asyncio.run(run())


def test_connections_in_their_handshake_count() -> None:
    async def run() -> None:
        async with running(Service.SUBMISSIONS, Limits(connections=1)) as world:
            first = await world.dial()
            await until(lambda: world.server.connections == 1)
            second = await world.dial()
            assert await second.ended()
            await first.start_tls()
            assert (await first.reply()).startswith("220")

    asyncio.run(run())


def test_too_many_errors_end_the_session() -> None:
    async def run() -> None:
        async with running(limits=Limits(errors=3)) as world:
            client = await world.connect()
            assert (await client.ask("ONE", "TWO", "THREE")).startswith("500")
            session = world.backend.sessions[0].id
            assert await client.reply() == f"421 4.7.0 too many errors, session {session}"
            assert await client.ended()

    asyncio.run(run())


@pytest.mark.parametrize("command", ["NOOP", "RSET", "HELP", "VRFY bob", "EHLO client.example"])
def test_commands_that_lead_nowhere_become_errors(command: str) -> None:
    async def run() -> None:
        async with running(limits=Limits(idle_commands=5, errors=3)) as world:
            client = await world.connect()
            client.send(f"{command}\r\n" * 8)
            for _ in range(8):
                assert (await client.reply()).startswith("2")
            assert (await client.reply()).startswith("421 4.7.0 too many errors")
            assert await client.ended()

    asyncio.run(run())


def test_whoever_brings_messages_may_look_around_between_them() -> None:
    async def run() -> None:
        async with running(limits=Limits(idle_commands=5, errors=1)) as world:
            client = await world.connect("EHLO client.example")
            for _ in range(10):
                assert (await client.ask("RSET", "NOOP")).startswith("250")
                assert (await client.deliver(b"hello\r\n.\r\n")).startswith("250")

    asyncio.run(run())


def test_an_accepted_message_makes_up_for_earlier_errors() -> None:
    async def run() -> None:
        async with running(limits=Limits(errors=3)) as world:
            client = await world.connect("EHLO client.example", "ONE", "TWO")
            assert (await client.deliver(b"hello\r\n.\r\n")).startswith("250")
            assert (await client.ask("ONE", "TWO")).startswith("500")
            assert (await client.ask("NOOP")).startswith("250")

    asyncio.run(run())


def test_an_endless_line_is_thrown_away_as_it_comes() -> None:
    async def run() -> None:
        async with running() as world:
            client = await world.connect()
            client.send(b"x" * 30_000_000 + b"\r\nNOOP\r\n")
            assert await client.reply() == "500 5.5.2 line too long"
            assert await client.reply() == "250 2.0.0 ok"

    asyncio.run(run())


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::/64"),
        ("2001:db8::ffff:1", "2001:db8::/64"),
        ("2001:db8:0:1::1", "2001:db8:0:1::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_what_counts_as_one_network(address: str, network: str) -> None:
    assert network_of(address) == network


def test_the_counter_forgets_networks_without_connections() -> None:
    counter = ConnectionCounter(3, 2)
    assert counter.enter("a")
    assert counter.enter("a")
    assert not counter.enter("a")
    assert counter.enter("b")
    assert not counter.enter("c")
    for network in ("a", "a", "b"):
        counter.leave(network)
    assert counter.count == 0
    assert counter.enter("c")
