"""Receiving the content of one message into its spool, after DATA or in the chunks of BDAT."""

from delivery.smtp.server.backend import Spool
from delivery.smtp.server.chunks import ChunkDecoder
from delivery.smtp.server.data import DataDecoder
from delivery.smtp.server.intake import Intake
from delivery.smtp.server.stream import PeerStream
from mail.errors import MailError


async def receive_data(stream: PeerStream, intake: Intake) -> None:
    """From 354 to the final dot; committing the spool is left to the caller.

    Raises MailError when the message is refused, which `intake` then knows, and SessionFault when its end
    did not arrive. The spool is aborted whenever an exception leaves.
    """
    decoder = DataDecoder()
    try:
        while not decoder.finished:
            content = decoder.feed(await intake.read())
            intake.count(len(content))
            await intake.store(content, decoder)
            if intake.is_flood(intake.size):
                break
    except BaseException:
        intake.abort()
        raise
    if decoder.rest:
        stream.put_back(decoder.rest)
    if intake.refusal is not None:
        raise intake.refusal


class ChunkReception:
    """A message that comes by BDAT. After a refusal further chunks are read and thrown away.

    They may have been sent before the client knew (RFC 3030 section 2), and each is answered with the
    reason of the first refusal: some clients look at the last reply only. `spool` is None for a message
    that was refused before its first chunk.
    """

    def __init__(self, intake: Intake, spool: Spool | None) -> None:
        self._intake = intake
        self._decoder = ChunkDecoder()
        self.spool = spool

    @property
    def refusal(self) -> MailError | None:
        """Why there will be no message."""
        return self._intake.refusal

    def would_flood(self, size: int) -> bool:
        """Whether a chunk of this size is not even worth reading."""
        return self._intake.is_flood(self._intake.size + size)

    @property
    def too_large(self) -> MailError:
        """The refusal of a message beyond the limit."""
        return self._intake.too_large

    async def take(self, size: int, *, last: bool) -> None:
        """Read one chunk. What is wrong with it is in `refusal` afterwards. Raises SessionFault."""
        intake, decoder = self._intake, self._decoder
        intake.count(size)
        while size:
            data = await intake.read(size)
            size -= len(data)
            await intake.store(decoder.feed(data) if intake.refusal is None else b"", decoder)
        if last and intake.refusal is None:
            await intake.store(decoder.finish(), decoder)

    def abort(self) -> None:
        """The client gave the message up. May be called more than once."""
        self._intake.abort()
