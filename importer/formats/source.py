"""What a source of mail yields, whatever its format: the contract between the readers and the import.

    open_source(path: Path, budgets: Budgets = ..., *, name: str = "", checkpoint: Checkpoint = ...,
                for_folders: bool = False) -> Source

in importer.formats.opening gives a source; `name` is what its owner calls an uploaded file. Its events are
the same, with the same ordinals, on each run over the same bytes: an import can go on where it stopped.

    PreviewBuilder(source); .add(event); .add_size(message, size); .result() -> Preview
    preview_source(source, look: Callable[[SourceMessage, int], None] = ...) -> Preview
    propose(paths: Iterable[str]) -> Proposal    # prefix, and mailbox and role for each path; editable

in importer.formats.preview and importer.formats.mapping make what people see before an import. Who wants to
look for duplicates or count against a quota goes through the events himself and feeds the builder.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from importer.archive.budgets import Budgets
from importer.archive.input import Checkpoint
from importer.archive.place import Place, SourceError
from mail import clock
from mail.mailformats.flags import MessageFlags
from mail.mime.headers import HeaderBlock

Role = Literal["", "inbox", "sent", "drafts", "archive", "junk", "trash"]
"""What a mailbox is for; the values of mail.models.SpecialUse."""


TAKEOUT = "Gmail Takeout"
"""Among the formats of a source whose messages are labelled with their folders."""


class MessageUnreadable(Exception):
    """Raised by the chunks of a message that turns out to be broken or too large: drop this message.

    The next event is the `SourceProblem` that tells why; then the source goes on.
    """


@dataclass(frozen=True, slots=True)
class SourceFolder:
    """A folder was found; it may stay without messages. Comes before the first message in it, once."""

    path: str
    format: str


@dataclass(slots=True)  # not frozen: made for each message
class SourceMessage:
    """One message.

    `ordinal` counts messages from 1 and is the same on each run; a message that turned out unreadable keeps
    its number. `folder` is the path of the folder in the source, levels divided by "/", in NFC. `received` is
    None when the source does not tell and neither Received nor Date can be read. `header` is the header
    section as far as it was read (at most 256 KiB of it). `chunks` is the content with CR LF line ends: every
    chunk but the last has mail.store.layout.CHUNK_SIZE bytes, so a message up to that size is one chunk, an
    empty one is none. They must be read before the next event is asked for; what was not read is skipped.
    `line_ends` says how many there are in the content, where that is known.
    """

    ordinal: int
    folder: str
    place: Place
    flags: MessageFlags
    received: clock.Moment | None
    envelope_sender: str
    header: HeaderBlock
    chunks: Iterator[bytes]
    line_ends: int | None = None


@dataclass(frozen=True, slots=True)
class FlagsLearned:
    """The flags of a message yielded earlier, complete only now: its folder's keyword table came later."""

    ordinal: int
    flags: MessageFlags


@dataclass(frozen=True, slots=True)
class SourceProblem:
    """Something that can't be taken over, as a sentence for people; the rest goes on.

    `text` does not repeat the place. It may contain names from the source: escape it where it is shown.
    """

    text: str
    place: Place

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


Event = SourceFolder | SourceMessage | FlagsLearned | SourceProblem


class Source(Protocol):
    """An opened archive, file or directory. Not thread-safe; close it when done."""

    @property
    def formats(self) -> tuple[str, ...]:
        """The container and what has been found in it so far, for people: "gzip", "tar", "Maildir"."""

    @property
    def is_archive(self) -> bool:
        """Whether it holds files, as a directory does too; else it is one file of messages."""

    @property
    def size(self) -> int:
        """Bytes of the file or directory, for progress."""

    @property
    def position(self) -> int:
        """Bytes of `size` read so far."""

    def events(self, after: int = 0) -> Iterator[Event]:
        """All events in order. Once for each opened source.

        Messages up to the ordinal `after` are passed over, perhaps with the problems that only reading them
        shows; all other events come again. With `after` beyond the last one a source is read for its folders.

        Raises SourceError, also when the source is already known to be unreadable, and OSError.
        """

    def close(self) -> None:
        """Give back files and memory."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of the source in a preview, and the mailbox proposed for it ("" when no name fits)."""

    path: str
    format: str
    messages: int
    bytes: int
    mailbox: str
    role: Role


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would bring. `problems` holds the first ones only, `problem_count` counts all."""

    formats: tuple[str, ...]
    folders: tuple[Folder, ...]
    prefix: str
    messages: int
    bytes: int
    oldest: clock.Moment | None
    newest: clock.Moment | None
    problems: tuple[SourceProblem, ...]
    problem_count: int


__all__ = [
    "TAKEOUT",
    "Budgets",
    "Checkpoint",
    "Event",
    "FlagsLearned",
    "Folder",
    "MessageUnreadable",
    "Place",
    "Preview",
    "Role",
    "Source",
    "SourceError",
    "SourceFolder",
    "SourceMessage",
    "SourceProblem",
]
