"""Writing ahead: the chunks of a large message are committed while it still arrives."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from mail import clock
from mail.store.layout import chunk_id
from mail.store.write import Transaction, Write, applies


@dataclass(frozen=True, slots=True)
class StoreChunks(Write):
    """Store `chunks` from `position` on. Without a `content_id` a new content begins. Gives its id.

    It is no promise: nobody relies on a content before the write that refers to it.
    """

    is_promise: ClassVar[bool] = False

    content_id: int | None
    position: int
    chunks: tuple[bytes, ...]

    @property
    def weight(self) -> int:
        return sum(map(len, self.chunks))


@applies(StoreChunks)
def store_chunks(current: Transaction, writes: Sequence[StoreChunks]) -> list[int]:
    moment = clock.now()
    fresh = iter(current.ids(sum(write.content_id is None for write in writes)))
    ids = [next(fresh) if write.content_id is None else write.content_id for write in writes]
    begun = [content for content, write in zip(ids, writes, strict=True) if write.content_id is None]
    current.insert(
        "mail_content",
        "id, doubtful, touched, size, sha256, part_index, subject, from_name, from_address, to_text, date, "
        "message_id, in_reply_to, thread_references",
        [(content, True, moment, 0, b"", b"", "", "", "", "", None, "", "", "") for content in begun],
    )
    for content in sorted(set(ids) - set(begun)):
        current.run("UPDATE mail_content SET touched = %s WHERE id = %s", [moment, content])
    current.insert(
        "mail_chunk",
        "id, data",
        [
            (chunk_id(content, write.position + index), data)
            for content, write in zip(ids, writes, strict=True)
            for index, data in enumerate(write.chunks)
        ],
    )
    return ids
