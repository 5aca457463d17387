"""Greeting, EHLO and HELO: what goes on, what ends the session, and how."""

import asyncio
import socket
from dataclasses import replace

import pytest

from delivery.smtp.client.connect import connect
from delivery.smtp.client.failure import DeliveryFailure, Stage
from delivery.smtp.client.timeouts import Timeouts
from delivery.smtp.client.transcript import Line
from tests.smtp_client.conversation import SHORT, greeter, open_and_leave
from tests.world.smtp_peer import Ordinary, PeerSession, Script, SmtpPeer


def failure_with(script: Script, timeouts: Timeouts = SHORT) -> DeliveryFailure:
    with SmtpPeer(script) as server, pytest.raises(DeliveryFailure) as raised:
        open_and_leave(server, greeter(timeouts=timeouts))
    return raised.value


def test_the_server_s_extensions_are_known_after_ehlo() -> None:
    with SmtpPeer(Ordinary()) as server:
        session = open_and_leave(server, greeter())
    assert session.extensions.pipelining
    assert session.extensions.size == 10_000_000
    assert server.lines == ["EHLO mail.example.org", "QUIT"]


def test_a_greeting_of_several_lines_is_one_greeting() -> None:
    with SmtpPeer(Ordinary(greeting="220-welcome\r\n220 ESMTP")) as server:
        open_and_leave(server, greeter())


@pytest.mark.parametrize(("code", "temporary"), [("421", True), ("554", False)])
def test_an_unfriendly_greeting_is_temporary_or_permanent_by_its_code(code: str, temporary: bool) -> None:
    failure = failure_with(Ordinary(greeting=f"{code} no service"))
    assert (failure.stage, failure.remote, failure.temporary) == (Stage.GREETING, True, temporary)
    assert failure.public.text == "no service"


def test_a_refused_client_says_quit() -> None:
    with SmtpPeer(Ordinary(greeting="554 go away")) as server, pytest.raises(DeliveryFailure):
        open_and_leave(server, greeter())
    assert server.lines[:1] in ([], ["QUIT"])


@pytest.mark.parametrize("code", [500, 501, 502, 503, 504])
def test_a_server_without_ehlo_is_greeted_with_helo_and_has_no_extensions(code: int) -> None:
    def script(peer: PeerSession) -> None:
        peer.send("220 old server")
        peer.expect("EHLO mail.example.org")
        peer.send(f"{code} what?")
        peer.expect("HELO mail.example.org")
        peer.send("250 hello")
        peer.expect("QUIT")

    with SmtpPeer(script) as server:
        session = open_and_leave(server, greeter())
    assert session.extensions.keywords == frozenset()


@pytest.mark.parametrize(("code", "temporary"), [(550, False), (451, True)])
def test_another_refusal_of_ehlo_ends_the_session(code: int, temporary: bool) -> None:
    def script(peer: PeerSession) -> None:
        peer.send("220 hi")
        peer.expect("EHLO")
        peer.send(f"{code} I don't talk to you")
        peer.wait_for_close()

    failure = failure_with(script)
    assert (failure.stage, failure.temporary) == (Stage.EHLO, temporary)


def test_what_is_no_smtp_server_is_temporary() -> None:
    failure = failure_with(lambda peer: peer.send("HTTP/1.1 400 Bad Request"))
    assert (failure.stage, failure.remote, failure.temporary) == (Stage.GREETING, False, True)


def test_a_server_that_says_nothing_is_given_up() -> None:
    failure = failure_with(lambda peer: peer.wait_for_close(), replace(SHORT, greeting=0.1))
    assert (failure.stage, failure.temporary) == (Stage.GREETING, True)
    assert "does not answer within 0.1 s" in str(failure)


def test_a_server_that_drips_is_given_up_when_the_time_for_the_set_up_is_over() -> None:
    def script(peer: PeerSession) -> None:
        while not peer.client_closed.wait(0.02):
            peer.send("220-patience")

    failure = failure_with(script, replace(SHORT, setup=0.3))
    assert failure.temporary
    assert "not ready within 0.3 s" in str(failure)


def test_a_server_that_closes_at_once_is_temporary() -> None:
    failure = failure_with(lambda peer: peer.close())
    assert (failure.stage, failure.remote, failure.temporary) == (Stage.GREETING, False, True)


def test_a_reset_is_temporary() -> None:
    def script(peer: PeerSession) -> None:
        peer.send("220 hi")
        peer.expect("EHLO")
        peer.reset()

    assert failure_with(script).stage is Stage.EHLO


def test_the_transcript_has_every_line_in_order() -> None:
    lines: list[Line] = []
    with SmtpPeer(Ordinary(extensions=("PIPELINING",))) as server:
        open_and_leave(server, greeter(), lines)
    texts = [(line.from_server, line.text) for line in lines]
    assert texts[:5] == [
        (False, f"[connected to {server.ip} port {server.port}]"),
        (True, "220 mx.remote.example ESMTP"),
        (False, "EHLO mail.example.org"),
        (True, "250 mx.remote.example\nPIPELINING"),
        (False, "QUIT"),
    ]


def test_a_closed_port_is_a_temporary_failure_to_connect() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(DeliveryFailure) as raised:
            asyncio.run(connect("127.0.0.1", unused.getsockname()[1], seconds=2))
    assert (raised.value.stage, raised.value.temporary) == (Stage.CONNECT, True)
    assert "Connection refused" in str(raised.value)


def test_the_source_address_of_the_family_is_used() -> None:
    seen = []

    def script(peer: PeerSession) -> None:
        seen.append(peer.client_ip)
        peer.send("220 hi")

    async def main(port: int) -> None:
        connection = await connect("127.0.0.1", port, seconds=2, source_ips=("::1", "127.0.0.9"))
        await connection.reply(Stage.GREETING, 5)
        connection.close()

    with SmtpPeer(script) as server:
        asyncio.run(main(server.port))
    assert seen == ["127.0.0.9"]
