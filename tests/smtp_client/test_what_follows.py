"""Several messages over one session: what is said of the next before the reply to the last has come."""

import asyncio
from collections.abc import Sequence

from delivery.smtp.client.message import OutgoingMessage
from delivery.smtp.client.results import Outcome, TransactionResult
from delivery.smtp.client.session import leave
from delivery.smtp.client.transaction import Transactions
from tests.smtp_client.conversation import CAROL, DAVE, ERIN, greeter, message, open_to
from tests.world.smtp_peer import PLAIN_EXTENSIONS, Ordinary, PeerSession, SmtpPeer

Mail = tuple[OutgoingMessage, Sequence[str]]
D, T, P, A = Outcome.DELIVERED, Outcome.TEMPORARY, Outcome.PERMANENT, Outcome.AGAIN


def letter_to(*recipients: str, text: str = "hello", size: int = 0) -> Mail:
    content = f"Subject: {text}\r\n\r\n{text}\r\n".encode() + b"x" * size
    return message(content + b"\r\n"), recipients


def send_all(server: SmtpPeer, *mails: Mail) -> list[TransactionResult]:
    """Over one session, until it ends."""

    async def main() -> list[TransactionResult]:
        session = await open_to(server, greeter())
        transactions = Transactions(session, require_eight_bit=True)
        results = []
        for (what, recipients), following in zip(mails, [*mails[1:], None], strict=True):
            results.append(await transactions.send(what, recipients, following))
            if not results[-1].usable:
                break
        transactions.end()
        leave(session)
        return results

    return asyncio.run(main())


def outcomes(results: Sequence[TransactionResult]) -> list[list[Outcome]]:
    return [[each.outcome for each in result.recipients] for result in results]


def greet(peer: PeerSession) -> None:
    peer.send("220 hi")
    peer.expect("EHLO")
    peer.send("250-x", "250 PIPELINING")


def take(peer: PeerSession, *replies: str) -> None:
    """Answer the commands of one transaction, and read its content."""
    for verb in ("MAIL", "RCPT", "DATA"):
        peer.expect(verb)
    peer.send(*replies, "250 ok", "250 ok", "354 go")
    peer.read_message()


def test_the_next_commands_come_along_with_the_end_of_a_message() -> None:
    def script(peer: PeerSession) -> None:
        greet(peer)
        take(peer)
        take(peer, "250 first")  # its commands are there before the first message is answered
        peer.send("250 second")
        peer.expect("QUIT")

    with SmtpPeer(script) as server:
        first, second = send_all(server, letter_to(CAROL, text="one"), letter_to(DAVE, text="two"))
    assert outcomes([first, second]) == [[D], [D]]
    assert [each.recipients[0].reply.text for each in (first, second)] == ["first", "second"]
    assert [b"one" in server.messages[0], b"two" in server.messages[1]] == [True, True]


def test_a_large_message_is_followed_at_its_end() -> None:
    with SmtpPeer(Ordinary()) as server:
        results = send_all(server, letter_to(CAROL, size=300_000), letter_to(DAVE), letter_to(ERIN))
    assert outcomes(results) == [[D], [D], [D]]
    assert [line for line in server.lines if line.startswith("RCPT")] == [
        f"RCPT TO:<{address}>" for address in (CAROL, DAVE, ERIN)
    ]


def test_a_refused_message_takes_the_next_one_with_it_in_no_way() -> None:
    with SmtpPeer(Ordinary(end=("554 5.6.0 spam", "250 2.0.0 fine"))) as server:
        first, second = send_all(server, letter_to(CAROL), letter_to(DAVE))
    assert outcomes([first, second]) == [[P], [D]]
    assert second.usable


def test_without_pipelining_nothing_is_said_ahead() -> None:
    def script(peer: PeerSession) -> None:
        peer.send("220 hi")
        peer.expect("EHLO")
        peer.send("250 x")
        for number in range(2):
            for verb, reply in (("MAIL", "250 ok"), ("RCPT", "250 ok"), ("DATA", "354 ok")):
                peer.expect(verb)
                peer.send(reply)
            peer.read_message()
            assert peer.unread == b""
            peer.send(f"250 {number}")
        peer.expect("QUIT")

    with SmtpPeer(script) as server:
        assert outcomes(send_all(server, letter_to(CAROL), letter_to(DAVE))) == [[D], [D]]


def test_recipients_that_need_another_transaction_come_before_what_follows() -> None:
    def script(peer: PeerSession) -> None:
        greet(peer)
        for verb in ("MAIL", "RCPT", "RCPT", "DATA"):
            peer.expect(verb)
        peer.send("250 ok", "250 ok", "452 4.5.3 too many", "354 go")
        peer.read_message()
        assert peer.unread == b""
        peer.send("250 ok")
        take(peer)
        peer.send("250 ok")
        peer.expect("QUIT")

    with SmtpPeer(script) as server:
        first, second = send_all(server, letter_to(CAROL, DAVE), letter_to(ERIN))
    assert outcomes([first, second]) == [[D, A], [D]]


def test_a_server_that_closes_after_a_message_has_not_heard_of_the_next() -> None:
    def script(peer: PeerSession) -> None:
        greet(peer)
        take(peer)
        peer.send("250 taken")

    with SmtpPeer(script) as server:
        first, second = send_all(server, letter_to(CAROL), letter_to(DAVE))
    assert outcomes([first, second]) == [[D], [T]]
    assert (second.recipients[0].stage, second.usable) == ("mail", False)


def test_a_message_that_needs_more_than_the_server_offers_is_not_said_ahead() -> None:
    small = tuple(keyword for keyword in PLAIN_EXTENSIONS if not keyword.startswith("SIZE"))
    with SmtpPeer(Ordinary(extensions=(*small, "SIZE 1000"))) as server:
        results = send_all(server, letter_to(CAROL), letter_to(DAVE, size=2000), letter_to(ERIN))
    assert outcomes(results) == [[D], [P], [D]]
    assert len(server.messages) == 2
