"""Slow and silent clients."""

import asyncio

import pytest

from delivery.smtp.server.limits import Limits
from delivery.smtp.server.pace import Pace
from tests.smtp_server.raw import running

ENVELOPE = ["EHLO client.example", "MAIL FROM:<carol@remote.example>", "RCPT TO:<bob@example.org>"]


@pytest.mark.parametrize("said", [b"", b"NOO", b"x" * 5000])
def test_a_client_that_finishes_no_command_is_told_and_left(said: bytes) -> None:
    async def run() -> None:
        async with running(limits=Limits(command_timeout=0.02)) as world:
            client = await world.connect()
            client.send(said)
            session = world.backend.sessions[0]
            assert await client.reply() == f"421 4.4.2 waited too long for you, session {session.id}"
            assert await client.ended()

    asyncio.run(run())


@pytest.mark.parametrize("said", [b"", b"Subject: half\r\n"])
def test_a_client_that_falls_silent_in_data_is_told_and_left(said: bytes) -> None:
    async def run() -> None:
        async with running(limits=Limits(data_timeout=0.02)) as world:
            client = await world.connect(*ENVELOPE, "DATA")
            client.send(said)
            assert (await client.reply()).startswith("421 4.4.2")
            assert await client.ended()
            assert world.backend.spools[0].outcome == "aborted"
            assert world.backend.events[-2:] == ["reset", "disconnected"]

    asyncio.run(run())


def test_a_client_that_trickles_is_left() -> None:
    async def run() -> None:
        limits = Limits(minimum_rate=1_000_000, rate_period=0.02)
        async with running(limits=limits) as world:
            client = await world.connect(*ENVELOPE, "DATA")
            client.send(b"Subject: slow\r\n")
            assert (await client.reply()).startswith("421 4.4.2")
            assert world.backend.spools[0].outcome == "aborted"

    asyncio.run(run())


def test_a_client_that_does_not_take_the_farewell_is_cut_off() -> None:
    async def run() -> None:
        limits = Limits(command_timeout=0.05, close_timeout=0.01, idle_commands=10**9)
        async with running(limits=limits, send_buffer=4096) as world:
            client = await world.connect()
            client.stop_reading()
            client.send(b"HELP\r\n" * 100_000)
            await world.backend.gone.wait()
            await world.server.stop(10)
            assert world.server.connections == 0

    asyncio.run(run())


def test_waiting_sets_one_timer_however_many_commands_come() -> None:
    async def run() -> None:
        async with running() as world:
            client = await world.connect()
            loop = asyncio.get_running_loop()
            set_timers = []
            original = loop.call_at

            def counted(*arguments: object, **more: object) -> asyncio.TimerHandle:
                set_timers.append(arguments)
                return original(*arguments, **more)  # type: ignore[arg-type]

            loop.call_at = counted  # type: ignore[method-assign]
            await client.ask(*ENVELOPE)
            await client.ask(*["NOOP"] * 50)
            assert set_timers == []

    asyncio.run(run())


def pace() -> Pace:
    return Pace(100.0, silence=180, minimum_rate=500, period=60)


def test_silence_is_too_slow_after_its_time() -> None:
    watched = pace()
    watched.arrived(10**6, 110)
    assert not watched.is_too_slow(160)
    watched.arrived(10**6, 170)
    assert not watched.is_too_slow(229)
    silent = Pace(100.0, silence=20, minimum_rate=0, period=60)
    silent.arrived(1, 110)
    assert silent.deadline() == 130
    assert not silent.is_too_slow(129.9)
    assert silent.is_too_slow(130)


def test_each_period_has_to_bring_its_share() -> None:
    watched = pace()
    watched.arrived(30_000, 150)
    assert watched.deadline() == 160
    assert not watched.is_too_slow(160)
    watched.arrived(29_999, 170)
    assert not watched.is_too_slow(219.9)
    assert watched.is_too_slow(220)


def test_time_in_which_the_server_did_not_read_does_not_count() -> None:
    watched = pace()
    watched.held_back(1000)
    assert not watched.is_too_slow(1159)
    watched.arrived(30_000, 1159)
    assert not watched.is_too_slow(1160)
