"""The content of one message on its way into the store."""

from collections.abc import Awaitable

from delivery.reception.commits import Commits
from delivery.reception.handling import BodyReader, Handling, SpooledMessage
from delivery.reception.indexing import PacedIndexer, read_header, read_summary
from delivery.reception.storing import storage_failures
from mail.errors import MailError, Reply
from mail.mime.headers import HeaderBlock, HeaderSection, HeaderSplitter
from mail.store.layout import CHUNK_SIZE
from mail.store.spool import ContentSpool
from mail.store.writer import Writer

_NO_HEADER = HeaderBlock.parse(b"")


class MessageSpool:
    """Splits the header section off, removes fields that nobody shall see, and stores the rest as it is.

    A message that is refused or given up leaves at most chunks that the store's sweeper removes.
    """

    def __init__(self, writer: Writer, commits: Commits, handling: Handling) -> None:
        self._writer = writer
        self._commits = commits
        self._handling = handling
        self._splitter: HeaderSplitter | None = HeaderSplitter()
        self._header = _NO_HEADER
        self._header_size = 0
        self._checked = False
        self._content = ContentSpool(writer)
        self._index = PacedIndexer()
        self._body_reader: BodyReader | None = None
        self._eight_bit_header = False
        self._eight_bit_body = False

    def write(self, chunk: bytes) -> Awaitable[None] | None:
        """Take in the next bytes. Raises MailError."""
        if self._splitter is None:
            self._eight_bit_body = self._eight_bit_body or not chunk.isascii()
            if self._body_reader is not None:
                self._body_reader.update(chunk)
            return self._take(chunk)
        section = self._splitter.feed(chunk)
        return None if section is None else self._begin(section)

    async def commit(self) -> Reply:
        """Store what is left and everything that refers to the message. Raises MailError."""
        if self._splitter is not None:
            begun = self._begin(self._splitter.finish())
            if begun is not None:
                await begun
        await self._check()
        if self._content.pending is not None:
            with storage_failures:
                await self._content.drain()
        summary = await read_summary(self._header, self._header_size)
        part_index = await self._index.finish()
        message = SpooledMessage(
            self._content.finish(summary, part_index),
            self._header,
            self._eight_bit_header,
            self._eight_bit_body,
        )
        try:
            with storage_failures:
                await self._commits.submit(self._writer, await self._handling.accept(message))
        except MailError as error:
            self._handling.not_accepted(error)
            raise
        self._handling.accepted(message)
        return Reply(250, "2.0.0", f"accepted, id {self._handling.message_id}")

    def abort(self) -> None:
        """Nothing refers to what was stored ahead: the sweeper takes it."""

    def _begin(self, section: HeaderSection) -> Awaitable[None] | None:
        self._splitter = None
        self._header_size = len(section.block)
        self._eight_bit_header = not section.block.isascii()
        self._eight_bit_body = not section.body.isascii()
        header = read_header(section.block)
        if isinstance(header, HeaderBlock):
            return self._take_section(section, header)
        return self._take_long_section(section, header)

    async def _take_long_section(self, section: HeaderSection, header: Awaitable[HeaderBlock]) -> None:
        taken = self._take_section(section, await header)
        if taken is not None:
            await taken

    def _take_section(self, section: HeaderSection, header: HeaderBlock) -> Awaitable[None] | None:
        self._header = header
        self._body_reader = self._handling.body_reader(header)
        if self._body_reader is not None:
            self._body_reader.update(section.body)
        kept = self._handling.removals.apply(header)
        return self._take((section.block if kept is None else kept) + section.separator + section.body)

    def _take(self, data: bytes) -> Awaitable[None] | None:
        with storage_failures:
            pending = self._content.write(data)
        indexing = self._index.feed(data)
        # What is stored ahead has been checked.
        if pending is None and (self._checked or self._content.size <= CHUNK_SIZE):
            return indexing
        return self._catch_up(indexing)

    async def _catch_up(self, indexing: Awaitable[None] | None) -> None:
        if indexing is not None:
            await indexing
        await self._check()
        with storage_failures:
            await self._content.drain()

    async def _check(self) -> None:
        if not self._checked:
            self._checked = True
            await self._handling.check(self._header)
