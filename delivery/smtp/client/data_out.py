"""The message as it goes over the wire after DATA (RFC 5321 section 4.5.2).

Nothing in a message but its end may look like its end: every line end is sent as CR LF, also where the
stored content has a lone CR or LF, and every line that begins with a dot gets another one.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable

from mail.line_ends import with_crlf

BLOCK = 64 * 1024


class DataEncoder:
    """Encodes content piece by piece; a piece may end anywhere, also inside CR LF."""

    def __init__(self) -> None:
        self._held_cr = False
        self._at_line_start = True

    def encode(self, piece: bytes) -> bytes:
        """The wire form of the next piece."""
        if self._held_cr:
            piece = b"\r" + piece
        # A CR at the end waits for what follows: only then is it known whether it is a lone one.
        self._held_cr = piece.endswith(b"\r")
        if self._held_cr:
            piece = piece[:-1]
        if not piece:
            return b""
        encoded = with_crlf(piece).replace(b"\n.", b"\n..")
        if self._at_line_start and encoded.startswith(b"."):
            encoded = b"." + encoded
        self._at_line_start = encoded.endswith(b"\n")
        return encoded

    def finish(self) -> bytes:
        """What remains, and the end of the message."""
        complete_last_line = b"\r\n" if self._held_cr or not self._at_line_start else b""
        return complete_last_line + b".\r\n"


async def encoded_blocks(
    prefix: bytes, content: AsyncIterator[bytes], behind: Callable[[], Awaitable[bytes]]
) -> AsyncGenerator[bytes, None]:
    """The whole of a message in wire form with its end, in blocks of about 64 KiB or more.

    What `behind` gives goes into the last block, which waits for it: a short message goes out in one write,
    and the commands that follow along with it.
    """
    encoder = DataEncoder()
    block = encoder.encode(prefix)
    try:
        async for piece in content:
            block += encoder.encode(piece)
            if len(block) >= BLOCK:
                yield block
                block = b""
    finally:
        if isinstance(content, AsyncGenerator):
            # Left half read, it would hold what it reads from until the next garbage collection.
            await content.aclose()
    following = await behind()
    yield block + encoder.finish() + following
