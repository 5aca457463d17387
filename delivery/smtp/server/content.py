"""The commands that bring content: DATA (RFC 5321 section 4.1.1.4) and BDAT (RFC 3030)."""
# ruff: noqa: N802

import re
from typing import NoReturn

from aiosmtpd.smtp import syntax

from delivery.smtp.server.authentication import Authentication
from delivery.smtp.server.backend import Spool, Transaction
from delivery.smtp.server.environment import settle
from delivery.smtp.server.intake import Intake
from delivery.smtp.server.reception import ChunkReception, receive_data
from mail.errors import MailError

_CHUNK = re.compile(r"([0-9]{1,20})(?:[ \t]+(LAST))?", re.ASCII | re.IGNORECASE)


class Content(Authentication):
    """Takes content and promises to keep it. A message comes by either command, not by both."""

    _chunks: ChunkReception | None = None

    @syntax("DATA")
    async def smtp_DATA(self, arg: str | None) -> None:
        """Everything up to a line that is a single dot."""
        transaction = self._addressed_transaction()
        self.refuse_argument(arg)
        if self._chunks is not None:
            raise MailError(503, "5.5.1", "this message comes by BDAT")
        try:
            spool = await settle(self.backend.begin_data(transaction))
            self.write(b"354 end with a line that is a single dot\r\n")
            await self._receive_data(spool)
            await self._commit(spool)
        finally:
            self.drop_transaction()

    @syntax("BDAT size [LAST]")
    async def smtp_BDAT(self, arg: str | None) -> None:
        """So many octets, whatever they are; they follow at once and are read in any case."""
        size, last = self._chunk_size(arg)
        if not size:
            self.note_idle()
        is_known = self._chunks is not None and self._chunks.refusal is not None
        chunks = self._chunks = self._chunks or await self._begin_chunks()
        if chunks.would_flood(size):
            self._end_session_with(chunks.too_large)
        await chunks.take(size, last=last)
        if chunks.refusal is not None:
            self._give_up(chunks, last=last)
            if not is_known:
                raise chunks.refusal
            self.refuse_again(chunks.refusal)
        elif last and chunks.spool is not None:
            self._chunks = None
            await self._commit(chunks.spool)
        else:
            self.reply(250, "2.0.0", f"{size} octets received")

    def keywords(self) -> list[str]:
        """With BDAT; without BINARYMIME, as mail that is not made of lines can't go on by DATA."""
        return [*super().keywords(), "CHUNKING"]

    def drop_transaction(self) -> None:
        """With what has come of it."""
        chunks, self._chunks = self._chunks, None
        if chunks is not None:
            chunks.abort()
        super().drop_transaction()

    @property
    def message_is_coming(self) -> bool:
        """Between the chunks of a message."""
        return self._chunks is not None and self._chunks.refusal is None

    def require_transaction(self) -> Transaction:
        """The message in progress. Raises MailError when there is none."""
        if self.transaction is None:
            self.require_greeting()
            self.require_authentication()
            raise MailError(503, "5.5.1", "say MAIL first")
        return self.transaction

    def begin_transaction(self, transaction: Transaction) -> None:
        """A new one; chunks of one that was refused are over."""
        self._chunks = None
        self.transaction = transaction

    def refuse_after_content(self) -> None:
        """Raises MailError once a chunk has come."""
        if self._chunks is not None:
            raise MailError(503, "5.5.1", "the content is on its way already")

    def _addressed_transaction(self) -> Transaction:
        transaction = self.require_transaction()
        if not transaction.recipients:
            raise MailError(554, "5.5.1", "there are no valid recipients")
        return transaction

    async def _receive_data(self, spool: Spool) -> None:
        intake = self._intake(spool)
        try:
            await receive_data(self.stream, intake)
        except MailError as error:
            if intake.is_flood(intake.size):
                self._end_session_with(error)
            raise

    async def _begin_chunks(self) -> ChunkReception:
        """For the first chunk. When there is no message that it could belong to, that is its refusal."""
        try:
            spool = await settle(self.backend.begin_data(self._addressed_transaction()))
        except MailError as error:
            return ChunkReception(self._intake(None, error), None)
        except Exception:
            return ChunkReception(self._intake(None, self.internal_error()), None)
        return ChunkReception(self._intake(spool), spool)

    def _chunk_size(self, argument: str | None) -> tuple[int, bool]:
        """The size of a chunk and whether it is the last. Ends the session when that can't be told."""
        match = _CHUNK.fullmatch(argument or "")
        if match is None:
            self.end_session(501, "5.5.4", "BDAT needs a size, and then LAST or nothing")
        return int(match[1]), match[2] is not None

    def _give_up(self, chunks: ChunkReception, *, last: bool) -> None:
        """The refused message is no longer in progress, but chunks of it may still come."""
        self.drop_transaction()
        if not last:
            self._chunks = chunks

    async def _commit(self, spool: Spool) -> None:
        # From here on the message belongs to the backend, whether the client stays or not.
        self.transaction = None
        reply = await spool.commit()
        self.reply(reply.code, reply.enhanced, reply.text)
        if reply.code < 400:
            self.forgive_errors()

    def _intake(self, spool: Spool | None, refusal: MailError | None = None) -> Intake:
        return Intake(
            self.stream,
            spool,
            self.limits,
            normalise=self.info.identity is not None,
            internal_error=self.internal_error,
            refusal=refusal,
        )

    def _end_session_with(self, error: MailError) -> NoReturn:
        self.end_session(error.public.code, error.public.enhanced, error.public.text)
