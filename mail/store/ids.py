"""Row ids, reserved in blocks so that a batch knows them before it inserts anything."""

from django.db.backends.utils import CursorWrapper

_BLOCK = 1000
_RESERVE = "UPDATE mail_sequence SET next = next + %s WHERE name = 'rows' RETURNING next"


def reserve(cursor: CursorWrapper, count: int) -> int:
    """Reserve `count` ids in the current transaction; the first of them is returned."""
    cursor.execute(_RESERVE, [count])
    (following,) = cursor.fetchall()[0]
    return int(following) - count


class IdBlock:
    """The ids that one writer may give away. Not shared between threads."""

    def __init__(self) -> None:
        self._next = 0
        self._end = 0

    def draw(self, cursor: CursorWrapper, count: int) -> range:
        """The next `count` ids. When they are used up, a new block is reserved in this transaction."""
        if self._end - self._next < count:
            size = max(_BLOCK, count)
            self._next = reserve(cursor, size)
            self._end = self._next + size
        first = self._next
        self._next += count
        return range(first, first + count)

    def forget(self) -> None:
        """Drop the block: after a rollback its reservation may be gone."""
        self._next = self._end = 0
