"""Making messages out of what files hold: one for a Maildir file, many for an mbox file."""

from collections.abc import Iterable, Iterator

from importer.archive.budgets import MIB, Budgets
from importer.archive.place import MemberBroken, Place
from importer.formats.content import chunks_of, open_content
from importer.formats.source import MessageUnreadable, SourceMessage, SourceProblem
from importer.formats.trace import is_plausible, received_by_header, sender_by_header
from importer.mbox.splitter import WHOLE, RawMessage
from importer.mbox.state import take_state
from mail import clock
from mail.mailformats.flags import MessageFlags
from mail.mime.headers import HeaderBlock
from mail.store.layout import CHUNK_SIZE


class MessageMaker:
    """Counts messages, and collects the problems that show while they are read."""

    def __init__(self, budgets: Budgets) -> None:
        self._limit = budgets.message_bytes
        self._at_once = min(CHUNK_SIZE, self._limit)
        self.ordinal = 0
        self.expunged = 0
        self._problems: list[SourceProblem] = []

    def problems(self) -> list[SourceProblem]:
        """What has come up since the last call."""
        found, self._problems = self._problems, []
        return found

    def note(self, text: str, place: Place) -> None:
        """A problem has come up."""
        self._problems.append(SourceProblem(text, place))

    def from_file(
        self,
        pieces: Iterator[bytes],
        folder: str,
        place: Place,
        received: clock.Moment | None,
        flags: MessageFlags,
    ) -> SourceMessage | None:
        """The message in a file of its own. None when it can't be read."""
        self.ordinal += 1
        held: list[bytes] = []
        size = 0
        try:
            while size < WHOLE and (piece := next(pieces, b"")):
                held.append(piece)
                size += len(piece)
            text = held[0] if len(held) == 1 else b"".join(held)
            content = open_content(text, pieces if size >= WHOLE else None, is_quoted=False)
        except MemberBroken as error:
            self.note(str(error), place)
            return None
        block = HeaderBlock.parse(content.start[: content.header_end])
        if content.is_cut:
            self._note_cut(place)
        if not is_plausible(received):
            received = received_by_header(block)
        chunks = self._chunks(content.start, content.more, place)
        sender = sender_by_header(block)
        return SourceMessage(
            self.ordinal, folder, place, flags, received, sender, block, chunks, content.line_ends
        )

    def from_mbox(self, raw: RawMessage, folder: str, file: str) -> SourceMessage | None:
        """One message of an mbox file. None when it is no message for its owner, or can't be read."""
        place = Place(file, raw.offset)
        try:
            content = open_content(
                raw.text,
                raw.more,
                is_quoted=not raw.is_verbatim,
                is_bare=raw.own is not None and raw.own.is_bare,
            )
        except MemberBroken as error:
            self.ordinal += 1
            self.note(str(error), place)
            return None
        block = HeaderBlock.parse(content.start[: content.header_end])
        if raw.own is not None:
            flags = raw.own.flags
        else:
            state = take_state(block)
            if state.is_expunged or state.is_bookkeeping:
                self.expunged += state.is_expunged
                return None
            flags = state.flags
            if state.block is not block:
                content.put_header(state.block)
                block = state.block
        self.ordinal += 1
        if content.is_cut:
            self._note_cut(place)
        received = raw.start.received
        if not is_plausible(received):
            received = received_by_header(block)
        chunks = self._chunks(content.start, content.more, place)
        return SourceMessage(
            self.ordinal, folder, place, flags, received, raw.start.sender, block, chunks, content.line_ends
        )

    def _note_cut(self, place: Place) -> None:
        self.note("Its header is larger than 256 KiB; only the first part of it is looked at.", place)

    def _chunks(self, start: bytes, more: Iterable[bytes], place: Place) -> Iterator[bytes]:
        if more == () and len(start) <= self._at_once:
            return iter((start,) if start else ())
        return self._limited(start, more, place)

    def _limited(self, start: bytes, more: Iterable[bytes], place: Place) -> Iterator[bytes]:
        size = 0
        try:
            for chunk in chunks_of(start, more):
                size += len(chunk)
                if size > self._limit:
                    raise MemberBroken(
                        f"It is larger than {self._limit // MIB} MiB, the most a message may have."
                    )
                yield chunk
        except MemberBroken as error:
            self.note(str(error), place)
            raise MessageUnreadable(str(error)) from error
