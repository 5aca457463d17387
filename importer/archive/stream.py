"""Reading exact numbers of bytes from a stream of pieces."""

from collections.abc import Iterator

from importer.archive.input import WINDOW


class ByteStream:
    """A cursor on pieces of any size; it holds one of them."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._piece = b""
        self._at = 0
        self.offset = 0

    def read(self, length: int) -> bytes:
        """The next `length` bytes, fewer only at the end. For lengths that fit into memory."""
        at = self._at
        if len(self._piece) - at >= length:
            self._at = at + length
            self.offset += length
            return self._piece[at : self._at]
        return b"".join(self.take(length))

    def take(self, length: int) -> Iterator[bytes]:
        """The next `length` bytes in pieces, fewer in all only at the end."""
        while length > 0:
            if self._at >= len(self._piece):
                self._piece = next(self._pieces, b"")
                self._at = 0
                if not self._piece:
                    return
            piece = self._piece[self._at : self._at + min(length, WINDOW)]
            self._at += len(piece)
            self.offset += len(piece)
            length -= len(piece)
            yield piece

    def skip(self, length: int) -> int:
        """Pass over bytes; gives how many there were."""
        here = min(length, len(self._piece) - self._at)
        self._at += here
        self.offset += here
        return here + sum(map(len, self.take(length - here)))

    def drain(self) -> None:
        """Read to the end, for the sake of the checks there."""
        self.offset += len(self._piece) - self._at + sum(map(len, self._pieces))
        self._piece = b""
        self._at = 0
