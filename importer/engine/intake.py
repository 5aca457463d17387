"""Reading one message of a source into what the store keeps of it."""

import hashlib
from collections.abc import Callable, Iterator
from itertools import chain

from importer.formats.source import SourceMessage
from mail.mime.headers import HeaderBlock
from mail.mime.parts import PartIndexer
from mail.mime.summary import summarize
from mail.mime.whole import stored_index, stored_index_behind
from mail.store.accept import NewContent
from mail.store.chunks import StoreChunks
from mail.store.layout import CHUNK_SIZE
from mail.store.spool import Submits

_HELD = 4
"""Chunks of a message in memory; more than these are committed ahead, which is no reference to them yet."""


def read_content(message: SourceMessage, writer: Submits, went_on: Callable[[], None]) -> NewContent:
    """The content of a message. Of a large one, all but the last MiB is committed already.

    `went_on` is called after each of those commits. Raises MessageUnreadable, and what the source raises.
    """
    first = next(message.chunks, b"")
    second = next(message.chunks, b"") if len(first) == CHUNK_SIZE else b""
    if not second:
        return _small(first, message)
    return _large(chain((first, second), message.chunks), message.header, writer, went_on)


def _small(data: bytes, message: SourceMessage) -> NewContent:
    header = message.header
    if message.line_ends is None:
        index = stored_index(data)
    else:
        index = stored_index_behind(bytes(header), data, message.line_ends)
    return NewContent(len(data), hashlib.sha256(data).digest(), index, summarize(header), (data,))


def _large(
    chunks: Iterator[bytes], header: HeaderBlock, writer: Submits, went_on: Callable[[], None]
) -> NewContent:
    digest = hashlib.sha256()
    indexer = PartIndexer()
    held: list[bytes] = []
    content_id: int | None = None
    stored = size = 0
    for chunk in chunks:
        digest.update(chunk)
        indexer.feed(chunk)
        size += len(chunk)
        held.append(chunk)
        if len(held) > _HELD:
            content_id = writer.submit(StoreChunks(content_id, stored, tuple(held[:_HELD]))).result()
            stored += _HELD
            del held[:_HELD]
            went_on()
    return NewContent(
        size=size,
        sha256=digest.digest(),
        part_index=indexer.finish().to_bytes(),
        summary=summarize(header),
        chunks=tuple(held),
        content_id=content_id,
        stored_chunks=stored,
    )


assert CHUNK_SIZE * _HELD <= 1 << 20
