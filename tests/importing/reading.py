"""Reading a source to its end, as tests look at it."""

from dataclasses import dataclass, field
from pathlib import Path

from importer.formats.opening import open_source
from importer.formats.source import (
    Budgets,
    FlagsLearned,
    MessageUnreadable,
    SourceFolder,
    SourceMessage,
    SourceProblem,
)
from mail.mailformats.flags import MessageFlags

_DEFAULT = Budgets()


@dataclass
class Contents:
    """What a source held: folders, messages that could be read with their bytes, flags and problems."""

    folders: list[str] = field(default_factory=list)
    messages: list[tuple[SourceMessage, bytes]] = field(default_factory=list)
    flags: dict[int, MessageFlags] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    formats: tuple[str, ...] = ()

    def texts(self, folder: str | None = None) -> list[bytes]:
        """The bytes of the messages in a folder, or of all."""
        return [text for message, text in self.messages if folder in (None, message.folder)]

    def by_subject(self) -> dict[str, tuple[str, MessageFlags]]:
        """Folder and flags of each message, by its subject."""
        return {
            (message.header.get("Subject") or b"").decode(): (message.folder, self.flags[message.ordinal])
            for message, _ in self.messages
        }


def contents(path: Path, budgets: Budgets = _DEFAULT, *, name: str = "", after: int = 0) -> Contents:
    """Everything in `path`."""
    source = open_source(path, budgets, name=name)
    found = Contents()
    try:
        for event in source.events(after):
            match event:
                case SourceMessage():
                    try:
                        text = b"".join(event.chunks)
                    except MessageUnreadable:
                        continue
                    assert event.line_ends in (None, text.count(b"\n"))
                    found.messages.append((event, text))
                    found.flags[event.ordinal] = event.flags
                case SourceFolder():
                    found.folders.append(event.path)
                case FlagsLearned():
                    found.flags[event.ordinal] = event.flags
                case SourceProblem():
                    found.problems.append(str(event))
        found.formats = source.formats
    finally:
        source.close()
    return found


def letter(subject: str, *more: str, body: str = "Hello\n") -> bytes:
    """A message with LF line ends; `more` are further fields."""
    fields = "".join(f"{line}\n" for line in (f"Subject: {subject}", *more))
    return f"{fields}\n{body}".encode()


def mbox(*letters: bytes) -> bytes:
    """An mbox file."""
    return b"".join(
        b"From carol@remote.example Tue Jul  1 12:00:00 2025\n" + text + b"\n" for text in letters
    )
