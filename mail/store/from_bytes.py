"""A small message that this server itself has written, ready to be stored."""

import hashlib

from mail.mime.headers import HeaderBlock
from mail.mime.parts import PartIndexer
from mail.mime.summary import summarize
from mail.store.accept import NewContent
from mail.store.layout import CHUNK_SIZE


def content_from_bytes(raw: bytes) -> NewContent:
    """The content of a whole message that is in memory anyway, such as a DSN."""
    indexer = PartIndexer()
    indexer.feed(raw)
    header = raw.partition(b"\r\n\r\n")[0] + b"\r\n"
    return NewContent(
        size=len(raw),
        sha256=hashlib.sha256(raw).digest(),
        part_index=indexer.finish().to_bytes(),
        summary=summarize(HeaderBlock.parse(header)),
        chunks=tuple(raw[start : start + CHUNK_SIZE] for start in range(0, max(len(raw), 1), CHUNK_SIZE)),
    )
