"""Any sequence of commands is answered as a small model of the session says, and counted by the backend."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from delivery.smtp.server.backend import Service
from delivery.smtp.server.limits import Limits
from tests.smtp_server.raw import Client, World, running

T = TypeVar("T")

MESSAGE_SIZE = 1000
MOST_RECIPIENTS = 3
LIMITS = Limits(errors=10**6, idle_commands=10**6, recipients=MOST_RECIPIENTS, message_size=MESSAGE_SIZE)
CONTENT = st.sampled_from([b"", b"a\r\n", b".\r\n", b"..\r\n", b"half", b"bare\n", b"x" * 600, b"\r\n.\r\n"])
SENDERS = {
    "carol@remote.example": "250",
    "": "250",
    "mallory@other.example": "550",
    "no address": "501",
    "a@": "501",
}
RECIPIENTS = {"bob": "250", "slow": "250", "nobody": "550", "broken": "451"}


def complete(content: bytes) -> bytes:
    return content if not content or content.endswith((b"\r", b"\n")) else content + b"\r\n"


class SmtpSession(RuleBasedStateMachine):
    """`recipients` is None without a transaction; `refused` is the code that further chunks get."""

    service = Service.SMTP

    @initialize()
    def serve(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.running = running(self.service, LIMITS)
        self.world: World = self.wait(self.running.__aenter__())
        self.accepted: list[bytes] = []
        self.connect()

    def connect(self) -> None:
        self.client: Client = self.wait(self.world.connect())
        self.greeted = self.extended = self.secure = self.logged_in = False
        self.forget()

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.wait(self.running.__aexit__(None, None, None))
            self.loop.close()

    def forget(self) -> None:
        self.recipients: int | None = None
        self.chunks: bytes | None = None
        self.refused = ""
        self.octets = 0

    def wait(self, awaited: Awaitable[T]) -> T:
        return self.loop.run_until_complete(asyncio.wait_for(awaited, 20))

    def reply(self) -> str:
        answer = self.wait(self.client.reply())
        assert all(line[:3] == answer[:3] for line in answer.split("\n"))
        return answer[:3]

    def ask(self, line: str) -> str:
        self.client.send(line + "\r\n")
        return self.reply()

    @property
    def no_transaction(self) -> str:
        """Why no transaction can begin; empty when one can."""
        if not self.greeted:
            return "503"
        return "530" if self.service.is_submission and not self.logged_in else ""

    @property
    def no_content(self) -> str:
        """Why no content can come; empty when it can."""
        if self.recipients is None:
            return self.no_transaction or "503"
        return "" if self.recipients else "554"

    def judge(self, content: bytes, *, whole: bool = True) -> str:
        if len(content) > MESSAGE_SIZE:
            return "552"
        lone = content.replace(b"\r\n", b"")
        return "550" if whole and b"\n" in lone and not self.logged_in else "250"

    def settle(self, answer: str, content: bytes) -> None:
        if answer == "250":
            self.accepted.append(content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
        self.forget()

    @rule(extended=st.booleans())
    def greet(self, extended: bool) -> None:
        assert self.ask("EHLO client.example" if extended else "HELO client.example") == "250"
        self.greeted, self.extended = True, extended
        self.forget()

    @rule()
    def reset(self) -> None:
        assert self.ask("RSET") == "250"
        self.forget()

    @rule(
        line=st.sampled_from(
            ["NOOP", "HELP", "VRFY bob", "EXPN staff", "HELLO", "", "RSET now", "EHLO", "AUTH", "DATA now"]
        )
    )
    def change_nothing(self, line: str) -> None:
        self.ask(line)

    @rule()
    def quit(self) -> None:
        assert self.ask("QUIT") == "221"
        assert self.wait(self.client.ended())
        self.connect()

    @rule()
    def start_tls(self) -> None:
        assert self.ask("STARTTLS") == ("503" if self.secure else "220")
        if not self.secure:
            self.wait(self.client.start_tls())
            self.secure, self.greeted, self.extended = True, False, False
            self.forget()

    @rule(right=st.booleans())
    def log_in(self, right: bool) -> None:
        if not self.service.is_submission:
            expected = "502"
        elif not self.extended:
            expected = "503"
        elif not self.secure:
            expected = "538"
        elif self.logged_in or self.recipients is not None:
            expected = "503"
        else:
            expected = "235" if right else "535"
        assert self.wait(self.client.log_in(password="open sesame" if right else "wrong"))[:3] == expected
        self.logged_in = self.logged_in or expected == "235"

    @rule(sender=st.sampled_from(sorted(SENDERS)))
    def begin(self, sender: str) -> None:
        expected = self.no_transaction or ("503" if self.recipients is not None else SENDERS[sender])
        assert self.ask(f"MAIL FROM:<{sender}>") == expected
        if expected == "250":
            self.forget()
            self.recipients = 0
            is_notification = not sender and not self.service.is_submission
            self.most_recipients = 1 if is_notification else MOST_RECIPIENTS

    @rule(recipient=st.sampled_from(sorted(RECIPIENTS)))
    def address(self, recipient: str) -> None:
        if self.recipients is None:
            expected = self.no_transaction or "503"
        elif self.chunks is not None:
            expected = "503"
        else:
            expected = "452" if self.recipients == self.most_recipients else RECIPIENTS[recipient]
        assert self.ask(f"RCPT TO:<{recipient}@example.org>") == expected
        if expected == "250":
            self.recipients = (self.recipients or 0) + 1

    @rule(count=st.integers(0, 2))
    def hurry(self, count: int) -> None:
        """All that comes before content, because chance seldom gets so far."""
        if self.service.is_submission and not self.secure:
            self.start_tls()
        if not self.extended:
            self.greet(extended=True)
        if self.service.is_submission and not self.logged_in:
            self.reset()
            self.log_in(right=True)
        if self.recipients is None:
            self.begin("carol@remote.example")
        for _ in range(count):
            self.address("bob")

    @rule(content=CONTENT)
    def send_data(self, content: bytes) -> None:
        expected = self.no_content or ("503" if self.chunks is not None else "354")
        assert self.ask("DATA") == expected
        if expected != "354":
            return
        lines = content if content.endswith(b"\r\n") or not content else content + b"\r\n"
        stuffed = (b"\r\n" + lines).replace(b"\r\n.", b"\r\n..")[2:]
        self.client.send(stuffed + b".\r\n")
        answer = self.reply()
        assert answer == self.judge(lines)
        self.settle(answer, lines)

    @precondition(lambda self: self.octets <= 2 * MESSAGE_SIZE)
    @rule(content=CONTENT, last=st.booleans())
    def send_chunk(self, content: bytes, last: bool) -> None:
        self.client.send(b"BDAT %d%b\r\n" % (len(content), b" LAST" if last else b""))
        self.octets += len(content)
        if self.octets > 2 * MESSAGE_SIZE:
            self.flood()
            return
        self.client.send(content)
        answer = self.reply()
        if not self.refused and self.chunks is None and self.no_content:
            self.refused = self.no_content
        if self.refused:
            assert answer == self.refused
            self.give_up(self.refused, last=last)
            return
        sent = (self.chunks or b"") + content
        expected = self.judge(sent, whole=last)
        assert answer == expected
        if expected != "250":
            self.give_up(expected, last=last)
        elif last:
            self.settle(answer, complete(sent))
        else:
            self.chunks = sent

    @rule(pieces=st.lists(CONTENT, min_size=1, max_size=5), last=st.booleans())
    def send_chunks(self, pieces: list[bytes], last: bool) -> None:
        self.hurry(1)
        for number, piece in enumerate(pieces, 1):
            if self.octets <= 2 * MESSAGE_SIZE:
                self.send_chunk(piece, last=last and number == len(pieces))

    def give_up(self, code: str, *, last: bool) -> None:
        octets = self.octets
        self.forget()
        if not last:
            self.refused, self.octets = code, octets

    def flood(self) -> None:
        assert self.reply() == "552"
        assert self.wait(self.client.ended())
        self.connect()

    @invariant()
    def the_backend_has_what_was_accepted_and_nothing_else(self) -> None:
        if not hasattr(self, "world"):
            return
        backend = self.world.backend
        assert [spool.content for spool in backend.accepted] == self.accepted
        outcomes = [spool.outcome for spool in backend.spools]
        assert outcomes.count("committed") == len(self.accepted)
        assert outcomes.count("") == (self.chunks is not None)


class SubmissionSession(SmtpSession):
    """The same where users have to log in."""

    service = Service.SUBMISSION


QUICK = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestSmtpSession = SmtpSession.TestCase
TestSmtpSession.settings = QUICK
TestSubmissionSession = SubmissionSession.TestCase
TestSubmissionSession.settings = QUICK
