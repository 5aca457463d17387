"""Reading message content: streamed, never whole in memory, no statement open while the caller waits."""

from collections.abc import Iterator

from django.db import connection

from mail.store.layout import CHUNK_SIZE, chunk_id


class ContentMissing(LookupError):
    """A chunk that should be there is not: the database was damaged or the content removed."""


def read(content_id: int, start: int = 0, length: int | None = None) -> Iterator[bytes]:
    """The bytes of a content from offset `start`, at most `length` of them, chunk by chunk.

    Ends where the content ends. Raises ContentMissing when there is no chunk at `start`.
    """
    position, skip = divmod(start, CHUNK_SIZE)
    remaining = length
    first = True
    while remaining is None or remaining > 0:
        data = read_chunk(content_id, position)
        if data is None:
            if first and start == 0 and length != 0:
                raise ContentMissing(f"content {content_id} has no chunks")
            return
        first = False
        piece = data[skip : None if remaining is None else skip + remaining]
        if remaining is not None:
            remaining -= len(piece)
        if piece:
            yield piece
        if len(data) < CHUNK_SIZE:
            return
        position, skip = position + 1, 0


def read_chunk(content_id: int, position: int) -> bytes | None:
    """One chunk, or None past the end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mail_chunk WHERE id = %s", [chunk_id(content_id, position)])
        row = cursor.fetchone()
    return None if row is None else bytes(row[0])
