"""One transaction: what goes over the wire, and what each recipient is told."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from delivery.smtp.client.message import OutgoingMessage
from delivery.smtp.client.results import Outcome, TransactionResult
from tests.smtp_client.conversation import CAROL, CONTENT, DAVE, ERIN, SHORT, greeter, message, send
from tests.world.smtp_peer import PLAIN_EXTENSIONS, Ordinary, PeerSession, SmtpPeer

PIPELINED = PLAIN_EXTENSIONS
ONE_BY_ONE = PLAIN_EXTENSIONS[1:]
both_ways = pytest.mark.parametrize("extensions", [PIPELINED, ONE_BY_ONE], ids=["pipelined", "one-by-one"])
D, T, P, A = Outcome.DELIVERED, Outcome.TEMPORARY, Outcome.PERMANENT, Outcome.AGAIN


def outcomes(result: TransactionResult) -> list[Outcome]:
    return [recipient.outcome for recipient in result.recipients]


def codes(result: TransactionResult) -> list[int]:
    return [recipient.reply.code for recipient in result.recipients]


@both_ways
def test_a_message_arrives_as_it_is(extensions: tuple[str, ...]) -> None:
    with SmtpPeer(Ordinary(extensions=extensions)) as server:
        result = send(server)
    assert outcomes(result) == [D]
    assert server.messages == [CONTENT.replace(b"\r\n.\r\n", b"\r\n..\r\n") + b".\r\n"]
    assert result.recipients[0].reply.text == "queued as 123"
    assert result.recipients[0].reply.enhanced == "2.0.0"
    assert result.usable


def test_commands_are_sent_at_once_only_when_announced() -> None:
    def script(peer: PeerSession) -> None:
        peer.send("220 hi")
        peer.expect("EHLO")
        peer.send("250-x", "250 PIPELINING")
        for verb in ("MAIL", "RCPT", "RCPT", "DATA"):
            peer.expect(verb)
        peer.send("250 a", "250 b", "550 c", "354 d")
        peer.read_message()
        peer.send("250 e")
        peer.expect("QUIT")

    with SmtpPeer(script) as server:
        assert outcomes(send(server, (CAROL, DAVE))) == [D, P]


def test_one_by_one_waits_for_each_reply() -> None:
    def script(peer: PeerSession) -> None:
        peer.send("220 hi")
        for verb, reply in (("EHLO", "250 x"), ("MAIL", "250 ok"), ("RCPT", "250 ok"), ("DATA", "354 ok")):
            peer.expect(verb)
            assert peer.unread == b""
            peer.send(reply)
        peer.read_message()
        peer.send("250 ok")
        peer.expect("QUIT")

    with SmtpPeer(script) as server:
        assert outcomes(send(server)) == [D]


@both_ways
def test_every_recipient_gets_its_own_reply(extensions: tuple[str, ...]) -> None:
    rules = Ordinary(extensions=extensions, rcpt={DAVE: "550 5.1.1 no Dave", ERIN: "450 4.2.0 later"})
    with SmtpPeer(rules) as server:
        result = send(server, (CAROL, DAVE, ERIN))
    assert outcomes(result) == [D, P, T]
    assert [recipient.reply.text for recipient in result.recipients[1:]] == ["no Dave", "later"]
    assert [recipient.reply.enhanced for recipient in result.recipients[1:]] == ["5.1.1", "4.2.0"]


@both_ways
def test_replies_are_kept_when_all_are_refused_and_no_content_is_sent(extensions: tuple[str, ...]) -> None:
    rules = Ordinary(extensions=extensions, rcpt={CAROL: "550 no Carol", DAVE: "451 later"})
    with SmtpPeer(rules) as server:
        result = send(server, (CAROL, DAVE))
    assert outcomes(result) == [P, T]
    assert codes(result) == [550, 451]
    assert server.messages == []
    assert result.usable


@both_ways
def test_a_refused_sender_is_the_result_of_all(extensions: tuple[str, ...]) -> None:
    with SmtpPeer(Ordinary(extensions=extensions, mail="550 5.7.1 not you")) as server:
        result = send(server, (CAROL, DAVE))
    assert outcomes(result) == [P, P]
    assert result.recipients[0].stage == "mail"
    assert result.usable


@both_ways
@pytest.mark.parametrize(("reply", "outcome"), [("451 4.3.0 full", T), ("554 5.6.0 spam", P)])
def test_a_refusal_of_data_concerns_only_those_accepted_before(
    extensions: tuple[str, ...], reply: str, outcome: Outcome
) -> None:
    rules = Ordinary(extensions=extensions, data=reply, rcpt={DAVE: "550 no Dave"})
    with SmtpPeer(rules) as server:
        result = send(server, (CAROL, DAVE))
    assert outcomes(result) == [outcome, P]
    assert result.recipients[1].reply.text == "no Dave"


@both_ways
@pytest.mark.parametrize(("reply", "outcome"), [("451 4.3.0 full", T), ("554 5.6.0 spam", P)])
def test_a_refusal_of_the_content_concerns_only_those_accepted_before(
    extensions: tuple[str, ...], reply: str, outcome: Outcome
) -> None:
    rules = Ordinary(extensions=extensions, end=(reply,), rcpt={DAVE: "450 later"})
    with SmtpPeer(rules) as server:
        result = send(server, (CAROL, DAVE))
    assert outcomes(result) == [outcome, T]
    assert result.recipients[0].stage == "end"


@both_ways
@pytest.mark.parametrize("code", ["452", "452 4.5.3", "552", "552 5.5.3"])
def test_one_recipient_too_many_is_to_be_sent_again(extensions: tuple[str, ...], code: str) -> None:
    rules = Ordinary(extensions=extensions, rcpt={DAVE: f"{code} too many", ERIN: f"{code} too many"})
    with SmtpPeer(rules) as server:
        assert outcomes(send(server, (CAROL, DAVE, ERIN))) == [D, A, A]


@both_ways
@pytest.mark.parametrize("code", ["452", "552", "552 5.5.3"])
def test_a_first_recipient_too_many_is_temporary(extensions: tuple[str, ...], code: str) -> None:
    with SmtpPeer(Ordinary(extensions=extensions, rcpt={CAROL: f"{code} too many"})) as server:
        assert outcomes(send(server)) == [T]


@both_ways
@pytest.mark.parametrize(("reply", "outcome"), [("452 4.2.2 full", T), ("552 5.2.2 full", P)])
def test_a_full_mailbox_is_not_one_recipient_too_many(
    extensions: tuple[str, ...], reply: str, outcome: Outcome
) -> None:
    with SmtpPeer(Ordinary(extensions=extensions, rcpt={DAVE: reply})) as server:
        assert outcomes(send(server, (CAROL, DAVE))) == [D, outcome]


def test_the_announced_number_of_recipients_is_kept() -> None:
    with SmtpPeer(Ordinary(extensions=("PIPELINING", "LIMITS RCPTMAX=2"))) as server:
        assert outcomes(send(server, (CAROL, DAVE, ERIN))) == [D, D, A]
    assert sum(line.startswith("RCPT") for line in server.lines) == 2


def test_no_more_than_a_hundred_recipients_go_into_one_transaction() -> None:
    with SmtpPeer(Ordinary()) as server:
        result = send(server, [f"r{number}@remote.example" for number in range(103)])
    assert outcomes(result) == [D] * 100 + [A] * 3


def test_a_server_that_wants_content_for_nobody_gets_a_lone_dot() -> None:
    def script(peer: PeerSession) -> None:
        peer.send("220 hi")
        peer.expect("EHLO")
        peer.send("250-x", "250 PIPELINING")
        for reply in ("250 a", "550 b", "354 c"):
            peer.read_line()
            peer.send(reply)
        assert peer.read_line() == "."
        peer.send("554 nothing")
        peer.expect("QUIT")

    with SmtpPeer(script) as server:
        result = send(server)
    assert (outcomes(result), codes(result), result.usable) == ([P], [550], True)


def test_a_server_that_closes_after_refusing_the_sender_is_believed() -> None:
    def script(peer: PeerSession) -> None:
        peer.send("220 hi")
        peer.expect("EHLO")
        peer.send("250-x", "250 PIPELINING")
        peer.expect("MAIL")
        peer.send("550 go away")

    with SmtpPeer(script) as server:
        result = send(server)
    assert (outcomes(result), codes(result), result.usable) == ([P], [550], False)


def test_a_server_that_closes_after_refusing_all_recipients_is_believed() -> None:
    def script(peer: PeerSession) -> None:
        peer.send("220 hi")
        peer.expect("EHLO")
        peer.send("250-x", "250 PIPELINING")
        peer.expect("MAIL")
        peer.send("250 ok", "550 not him")

    with SmtpPeer(script) as server:
        result = send(server)
    assert (outcomes(result), codes(result)) == ([P], [550])


@both_ways
def test_a_421_is_temporary_and_the_connection_is_not_used_again(extensions: tuple[str, ...]) -> None:
    def script(peer: PeerSession) -> None:
        peer.send("220 hi")
        peer.expect("EHLO")
        peer.send("250-x", *(f"250-{keyword}" for keyword in extensions), "250 HELP")
        peer.expect("MAIL")
        peer.send("421 4.3.2 shutting down")

    with SmtpPeer(script) as server:
        result = send(server, (CAROL, DAVE))
    assert (outcomes(result), codes(result), result.usable) == ([T, T], [421, 421], False)


@both_ways
def test_a_reply_out_of_place_is_temporary_and_ends_the_connection(extensions: tuple[str, ...]) -> None:
    with SmtpPeer(Ordinary(extensions=extensions, data="250 what?")) as server:
        result = send(server)
    assert (outcomes(result), result.usable) == ([T], False)
    assert not result.recipients[0].remote


def test_a_connection_lost_at_the_end_is_temporary() -> None:
    class Lost(Ordinary):
        def _take_message(self, peer: PeerSession, accepted: int) -> None:
            peer.send("354 go")
            peer.read_message()
            peer.close()

    with SmtpPeer(Lost(rcpt={DAVE: "550 no"})) as server:
        result = send(server, (CAROL, DAVE))
    assert (outcomes(result), result.usable) == ([T, P], False)
    assert result.recipients[0].stage == "end"


def test_a_silent_server_at_the_end_is_temporary() -> None:
    class Silent(Ordinary):
        def _take_message(self, peer: PeerSession, accepted: int) -> None:
            peer.send("354 go")
            peer.read_message()
            peer.wait_for_close()

    with SmtpPeer(Silent()) as server:
        result = send(server, how=greeter(timeouts=replace(SHORT, end=0.1)))
    assert outcomes(result) == [T]
    assert "within 0.1 s" in result.recipients[0].reply.text


@pytest.mark.parametrize("closes", [True, False], ids=["closes", "stays"])
def test_a_refusal_in_the_middle_of_the_content_is_the_result(closes: bool) -> None:
    class TooMuch(Ordinary):
        def _take_message(self, peer: PeerSession, accepted: int) -> None:
            peer.send("354 go")
            peer.receive()
            peer.send("552 5.3.4 too much")
            if closes:
                peer.close()
            peer.client_closed.wait(0 if closes else 10)

    with SmtpPeer(TooMuch(extensions=())) as server:
        result = send(server, what=message(b"x\r\n" * 5_000_000))
        server.sessions[0].client_closed.set()
    assert (outcomes(result), codes(result), result.usable) == ([P], [552], False)


def test_content_that_can_t_be_read_never_ends_with_a_dot() -> None:
    async def breaking() -> AsyncIterator[bytes]:
        yield b"Subject: half\r\n"
        raise OSError("the disk is gone")

    with SmtpPeer(Ordinary()) as server:
        result = send(server, what=OutgoingMessage("", breaking, 100))
    assert (outcomes(result), result.usable) == ([T], False)
    assert "disk" not in result.recipients[0].reply.text
    assert server.messages == []


def test_a_server_that_takes_no_more_content_is_given_up() -> None:
    class Full(Ordinary):
        def _take_message(self, peer: PeerSession, accepted: int) -> None:
            peer.send("354 go")
            peer.client_closed.wait(20)

    def script(peer: PeerSession) -> None:
        try:
            Full(extensions=())(peer)
        finally:
            peer.client_closed.set()

    with SmtpPeer(script) as server:
        result = send(
            server, what=message(b"x\r\n" * 10_000_000), how=greeter(timeouts=replace(SHORT, block=0.2))
        )
        server.sessions[0].client_closed.set()
    assert outcomes(result) == [T]
    assert "takes no more data within 0.2 s" in result.recipients[0].reply.text


@both_ways
def test_a_recipient_that_the_server_can_t_be_told_does_not_keep_others_waiting(
    extensions: tuple[str, ...],
) -> None:
    without = tuple(each for each in extensions if each != "SMTPUTF8")
    with SmtpPeer(Ordinary(extensions=without, rcpt={ERIN: "450 4.2.0 later"})) as server:
        result = send(server, (CAROL, "zoë@remote.example", ERIN))
    assert outcomes(result) == [D, P, T]
    assert (result.recipients[1].remote, result.recipients[1].reply.enhanced) == (False, "5.6.7")
    assert len(server.messages) == 1
