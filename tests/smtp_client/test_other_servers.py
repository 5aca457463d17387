"""Against aiosmtpd, an independent server: what it makes of a message is what was sent."""

import asyncio
import random
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP

from delivery.smtp.client.connect import connect
from delivery.smtp.client.message import OutgoingMessage
from delivery.smtp.client.results import Outcome, TransactionResult
from delivery.smtp.client.session import leave, open_session
from delivery.smtp.client.transaction import send_message
from tests.smtp_client.conversation import CAROL, DAVE, SENDER, greeter, message


@dataclass
class Inbox:
    """An aiosmtpd handler that keeps what comes."""

    envelopes: list[Any] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if address == DAVE:
            return "550 5.1.1 no Dave"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.envelopes.append(envelope)
        return "250 2.0.0 kept"


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def port(inbox: Inbox) -> Iterator[int]:
    with _ServerThread(lambda: SMTP(inbox, data_size_limit=10**9, enable_SMTPUTF8=True)) as number:
        yield number


def send(port: int, what: OutgoingMessage, *recipients: str) -> TransactionResult:
    async def main() -> TransactionResult:
        connection = await connect("127.0.0.1", port, seconds=5)
        session = await open_session(connection, "mx.remote.example", "127.0.0.1", port, greeter())
        result = await send_message(session, what, recipients, require_eight_bit=True)
        leave(session)
        return result

    return asyncio.run(main())


def test_the_envelope_and_the_content_arrive(port: int, inbox: Inbox) -> None:
    content = b"Subject: x\r\n\r\n.\r\n..\r\n.dot\r\ntext\r\n"
    result = send(port, message(content), CAROL, DAVE)
    assert [each.outcome for each in result.recipients] == [Outcome.DELIVERED, Outcome.PERMANENT]
    (envelope,) = inbox.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == (SENDER, [CAROL])
    assert envelope.content == content


def test_the_null_sender_is_sent_as_such(port: int, inbox: Inbox) -> None:
    assert send(port, message(sender=""), CAROL).recipients[0].outcome is Outcome.DELIVERED
    assert inbox.envelopes[0].mail_from == "<>"


def test_lone_line_ends_can_t_smuggle_a_second_message(port: int, inbox: Inbox) -> None:
    content = b"x\n.\nMAIL FROM:<m@x>\r\ny\r.\rz\n.\r\nQUIT\r\n"
    send(port, message(content), CAROL)
    (envelope,) = inbox.envelopes
    assert envelope.content == b"x\r\n.\r\nMAIL FROM:<m@x>\r\ny\r\n.\r\nz\r\n.\r\nQUIT\r\n"


def test_internationalised_addresses_arrive(port: int, inbox: Inbox) -> None:
    send(port, message("Subject: Grüße\r\n\r\nä\r\n".encode(), eight_bit=True), "çarol@remote.example")
    (envelope,) = inbox.envelopes
    assert envelope.rcpt_tos == ["çarol@remote.example"]
    assert {"SMTPUTF8", "BODY=8BITMIME"} <= set(envelope.mail_options)


def test_several_messages_go_over_one_connection(port: int, inbox: Inbox) -> None:
    async def main() -> None:
        connection = await connect("127.0.0.1", port, seconds=5)
        session = await open_session(connection, "mx.remote.example", "127.0.0.1", port, greeter())
        for number, recipients in enumerate([(CAROL,), (DAVE,), (CAROL, DAVE), (CAROL,)]):
            await send_message(session, message(b"%d\r\n" % number), recipients, require_eight_bit=True)
        leave(session)

    asyncio.run(main())
    assert [envelope.content for envelope in inbox.envelopes] == [b"0\r\n", b"2\r\n", b"3\r\n"]


class _Counting(asyncio.Protocol):
    """A server that takes any amount of data and keeps only its number of bytes."""

    received = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 hi\r\n")
        self._in_data = False
        self._tail = b""

    def data_received(self, data: bytes) -> None:
        if self._in_data:
            _Counting.received += len(data)
            self._tail = (self._tail + data)[-5:]
            if self._tail == b"\r\n.\r\n":
                self._in_data = False
                self._transport.write(b"250 kept\r\n")
            return
        for line in data.splitlines():
            self._in_data = line == b"DATA"
            self._transport.write(b"354 go\r\n" if self._in_data else b"250 ok\r\n")


def test_a_hundred_megabytes_stream_through_without_being_held() -> None:
    piece = random.Random(1).randbytes(64 * 1024 - 2).replace(b"\n", b"x").replace(b"\r", b"y") + b"\r\n"
    count = 100 * 2**20 // len(piece)
    ahead: list[int] = []

    async def content() -> AsyncIterator[bytes]:
        for number in range(count):
            ahead.append(number * len(piece) - _Counting.received)
            yield piece

    async def main(port: int) -> TransactionResult:
        connection = await connect("127.0.0.1", port, seconds=5)
        session = await open_session(connection, "mx.remote.example", "127.0.0.1", port, greeter())
        what = OutgoingMessage(SENDER, content, count * len(piece))
        result = await send_message(session, what, [CAROL], require_eight_bit=True)
        connection.abort()
        return result

    with _ServerThread(_Counting) as port:
        assert asyncio.run(main(port)).recipients[0].outcome is Outcome.DELIVERED
    assert _Counting.received >= count * len(piece)
    # What lies between the two is in the kernel's buffers and one block of ours.
    assert max(ahead) < 16 * 2**20


class _ServerThread:
    """A protocol served by a loop of its own."""

    def __init__(self, protocol: Callable[[], asyncio.Protocol]) -> None:
        self._protocol = protocol
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> int:
        self._thread.start()
        starting = self._loop.create_server(self._protocol, "127.0.0.1", 0)
        self._server = asyncio.run_coroutine_threadsafe(starting, self._loop).result(5)
        return int(self._server.sockets[0].getsockname()[1])

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()
