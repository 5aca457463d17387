"""The structure of a stored message."""

from mail.mime.part_index import PartIndex
from mail.mime.parts import PartIndexer
from mail.store.contents import read


def part_index(content_id: int, stored: bytes) -> PartIndex:
    """The stored index. Content without one, or with one of another version, is read through.

    Raises mail.store.contents.ContentMissing.
    """
    try:
        return PartIndex.from_bytes(stored)
    except ValueError:
        indexer = PartIndexer()
        for chunk in read(content_id):
            indexer.feed(chunk)
        return indexer.finish()
