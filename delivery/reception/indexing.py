"""Part index, header and summary of an arriving message, without keeping other sessions waiting.

All of it is work for microseconds with real mail. Mail that is made to cost more is taken in slices with
other sessions in between, or on a thread.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, ParamSpec, TypeVar

from mail.errors import MailError
from mail.mime.headers import HeaderBlock
from mail.mime.parts import PartIndexer
from mail.mime.summary import Summary, summarize
from mail.mime.whole import stored_index
from mail.store import readers

P = ParamSpec("P")
R = TypeVar("R")

HEADER_LINES: Final = 10_000
"""More than 256 KiB of recipients fill; what has more is made to keep us busy."""

_QUICK_LINES: Final = 1000
_QUICK_SUMMARY: Final = 2048
"""Bytes of the fields that are summarized: about a millisecond at worst."""

_SUMMARIZED: Final = ("from", "to", "subject", "in-reply-to", "references")
_DELIMITER: Final = b"\n--"
_QUICK_DELIMITERS: Final = 50
_SLICE: Final = 1024


async def on_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run `function` in a reader thread."""
    return await asyncio.wrap_future(readers.run(function, *args, **kwargs))


def read_header(block: bytes) -> HeaderBlock | Awaitable[HeaderBlock]:
    """The fields of a header section. Raises MailError 552 when it has too many lines."""
    lines = block.count(b"\n")
    if lines > HEADER_LINES:
        raise MailError(552, "5.3.4", f"the message header has more than {HEADER_LINES} lines")
    header = HeaderBlock.parse(block)
    return header if lines <= _QUICK_LINES else on_thread(header.split)


async def read_summary(header: HeaderBlock, size: int) -> Summary:
    """What lists show of the message, whose header section has `size` bytes."""
    effort = size if size <= _QUICK_SUMMARY else sum(len(header.get(name) or b"") for name in _SUMMARIZED)
    return summarize(header) if effort <= _QUICK_SUMMARY else await on_thread(summarize, header)


class PacedIndexer:
    """A part indexer that lets others in between when a message has very many parts.

    Most messages come in one piece: it is kept, and looked at as a whole when it is the only one.
    """

    def __init__(self) -> None:
        self._only: bytes | None = None
        self._indexer: PartIndexer | None = None
        self._delimiters = 0

    def feed(self, data: bytes) -> Awaitable[None] | None:
        """Take the next bytes; with an awaitable, the following ones only when it is done."""
        delimiters = data.count(_DELIMITER) if b"-" in data else 0  # that no hyphen is there shows at once
        self._delimiters += delimiters
        if delimiters > _QUICK_DELIMITERS:
            return self._feed_slices(data)
        if self._only is None and self._indexer is None:
            self._only = data
        else:
            self._begun().feed(data)
        return None

    async def finish(self) -> bytes:
        """The index in the form in which it is stored."""
        if self._indexer is None:
            return stored_index(self._only or b"")
        if self._delimiters <= _QUICK_DELIMITERS:
            return self._indexer.finish().to_bytes()
        return await on_thread(lambda: self._begun().finish().to_bytes())

    async def _feed_slices(self, data: bytes) -> None:
        indexer = self._begun()
        for start in range(0, len(data), _SLICE):
            indexer.feed(data[start : start + _SLICE])
            await asyncio.sleep(0)

    def _begun(self) -> PartIndexer:
        """The indexer, which has seen everything before."""
        if self._indexer is None:
            self._indexer = PartIndexer()
            if self._only is not None:
                self._indexer.feed(self._only)
                self._only = None
        return self._indexer
