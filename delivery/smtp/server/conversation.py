"""The conversation with one client: greeting, commands one after the other, farewell."""

import asyncio
import itertools
import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, NoReturn

from delivery.smtp.server.answers import format_reply
from delivery.smtp.server.backend import Service, Transaction
from delivery.smtp.server.connection import Connection
from delivery.smtp.server.environment import settle
from delivery.smtp.server.faults import (
    LineRefused,
    PeerTimeout,
    SessionEnded,
    SessionFault,
    ShuttingDown,
)
from delivery.smtp.server.transcript import trace_command, trace_reply
from mail.errors import MailError, Reply
from mail.log.sessions import enter_session
from mail.tls.errors import TlsError

log = logging.getLogger(__name__)

_TURN = 50
"""Commands in a row before other sessions get their turn."""

_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")

_IDLE = frozenset({b"EHLO", b"HELO", b"HELP", b"NOOP", b"RSET", b"VRFY"})
"""Commands that a client may repeat for ever without getting anywhere."""

_CONTENT_FOLLOWS = b"BDAT"
"""The command after which content comes at once: what follows such a line is no command in any case."""

Command = Callable[[Any, str | None], Awaitable[None]]


class Conversation(Connection):
    """Reads commands and calls the methods `smtp_VERB`, whose MailErrors are the replies."""

    commands: ClassVar[dict[bytes, Command]] = {}
    transaction: Transaction | None = None
    _announced = False
    _errors = 0
    _idle = 0

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        names = [name for name in dir(cls) if name.startswith("smtp_")]
        cls.commands = {name.removeprefix("smtp_").encode(): getattr(cls, name) for name in names}

    def reply(self, code: int, enhanced: str, text: str) -> None:
        """Answer. Answers to all commands that have arrived already are sent together."""
        self._answer(Reply(code, enhanced, text))

    def write(self, answer: bytes) -> None:
        """Answer with lines that are ready."""
        trace_reply(answer)
        self.stream.write(answer)

    def end_session(self, code: int, enhanced: str, text: str) -> NoReturn:
        """Answer and close the connection."""
        self.reply(code, enhanced, text)
        raise SessionEnded

    def forgive_errors(self) -> None:
        """A message was accepted: earlier errors count no more."""
        self._errors = self._idle = 0

    def drop_transaction(self) -> None:
        """Forget the message in progress, if any."""
        transaction, self.transaction = self.transaction, None
        if transaction is not None:
            self.backend.reset(transaction)

    def refuse(self, error: MailError) -> None:
        """Answer with the reply of the error."""
        if error.cause:
            log.debug("refused", extra={"fields": {"reply": str(error.public), "cause": error.cause}})
        self._answer(error.public)

    def refuse_again(self, error: MailError) -> None:
        """Answer as before to what the client sent before it knew; not a further error."""
        self.write(format_reply(error.public))

    def note_idle(self) -> None:
        """A command came that brings no message forward."""
        self._idle += 1
        self._errors += self._idle > self.limits.idle_commands

    @property
    def message_is_coming(self) -> bool:
        """Whether content has arrived whose end is to come with a later command."""
        return False

    def internal_error(self) -> MailError:
        """What the client gets to know about the exception being handled; the log gets all of it."""
        log.exception("internal error", extra={"fields": self.fields()})
        return MailError(451, "4.3.0", f"internal error, session {self.info.id}")

    async def _handle_client(self) -> None:
        enter_session(self.info.id)
        try:
            await self._converse()
        except PeerTimeout:
            self._farewell("4.4.2", "waited too long for you")
        except ShuttingDown:
            self._farewell("4.3.2", "the server is shutting down")
        except TlsError as error:
            log.info("TLS failed", extra={"fields": self.fields() | {"reason": str(error)}})
        except SessionFault:
            pass
        except Exception:
            self.internal_error()
            self._farewell("4.3.0", "internal error")
        finally:
            self._finish()

    async def _converse(self) -> None:
        await self.meet_proxy()
        if self.info.service is Service.SUBMISSIONS:
            await self.secure(self.stream.take())
        await self._greet()
        for number in itertools.count(1):
            await self._next_command()
            if self._errors >= self.limits.errors:
                self._farewell("4.7.0", "too many errors")
                return
            if number % _TURN == 0:
                await asyncio.sleep(0)

    async def _greet(self) -> None:
        log.debug("session started", extra={"fields": self.fields()})
        self._announced = True
        try:
            await settle(self.backend.connected(self.info))
        except MailError as error:
            self.end_session(error.public.code, "", error.public.text)
        self.reply(220, "", f"{self.environment.hostname} ESMTP session {self.info.id}")

    async def _next_command(self) -> None:
        if self.environment.stopping and not self.message_is_coming:
            raise ShuttingDown
        try:
            command, argument = await self._read_command()
            await command(self, argument)
        except LineRefused as error:
            self.refuse(error)
            if error.line[: len(_CONTENT_FOLLOWS)].upper() == _CONTENT_FOLLOWS:
                raise SessionEnded from None  # how much content is unknown
        except MailError as error:
            self.refuse(error)
            if error.public.code == 421:  # whoever says so closes the connection (RFC 5321 section 3.8)
                raise SessionEnded from error
        except (SessionFault, TlsError):
            raise
        except Exception:
            self.refuse(self.internal_error())

    async def _read_command(self) -> tuple[Command, str | None]:
        self.waits_for_command = not self.message_is_coming
        try:
            line = await self.stream.line(self.limits.command_line, self.limits.command_timeout)
        finally:
            self.waits_for_command = False
        verb, _, rest = line.partition(b" ")
        verb = verb.upper()
        command = self.commands.get(verb)
        trace_command(line, known=command is not None)
        argument = _argument(line, rest)
        if command is None:
            raise LineRefused(line, "5.5.1", "command unknown")
        if verb in _IDLE:
            self.note_idle()
        return command, argument

    def _answer(self, reply: Reply) -> None:
        if reply.code >= 400:
            self._errors += 1
        self.write(format_reply(reply))

    def _farewell(self, enhanced: str, text: str) -> None:
        if self._announced:
            self.reply(421, enhanced, f"{text}, session {self.info.id}")

    def _finish(self) -> None:
        self.drop_transaction()
        if self._announced:
            self.backend.disconnected(self.info)
        self.close()


def _argument(line: bytes, rest: bytes) -> str | None:
    """What follows the verb of a command line. Raises LineRefused."""
    if _CONTROL.search(line):
        raise LineRefused(line, "5.5.2", "control characters are not allowed in commands")
    try:
        return rest.decode("utf-8").strip(" \t") or None
    except UnicodeDecodeError:
        raise LineRefused(line, "5.5.2", "the command is not UTF-8") from None
