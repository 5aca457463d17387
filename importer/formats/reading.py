"""Reading a container as mail: the events of a source."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from importer.archive.budgets import Budgets
from importer.archive.member import Member
from importer.archive.opening import Opened
from importer.archive.place import MemberBroken, Place, SourceError, shown
from importer.formats import paths, takeout
from importer.formats.emlx import AppleMessage
from importer.formats.keyword_tables import KeywordTables
from importer.formats.messages import MessageMaker
from importer.formats.paths import FilePath
from importer.formats.source import (
    TAKEOUT,
    Event,
    FlagsLearned,
    MessageUnreadable,
    SourceFolder,
    SourceMessage,
    SourceProblem,
)
from importer.formats.trace import first_plausible
from importer.maildir import names
from importer.maildir.keyword_table import LARGEST, parse_keyword_table
from importer.mbox.splitter import WHOLE, MboxSplitter, RawMessage, starts_like_mbox
from mail import clock
from mail.mailformats.flags import MessageFlags

_TOP = "Inbox"
_MBOX = "mbox"
_MAILDIR = "Maildir"
_SINGLE = "single messages"
_APPLE = "Apple Mail"
_SNIFFED = 4096


class MailSource:
    """A source of mail (see `importer.formats.source.Source`)."""

    def __init__(self, opened: Opened, budgets: Budgets) -> None:
        self._opened = opened
        self._found = dict.fromkeys(opened.formats)
        self._folders: set[str] = set()
        self._after = 0
        self._maker = MessageMaker(budgets)
        self._tables = KeywordTables()

    @property
    def formats(self) -> tuple[str, ...]:
        """The container and what has been found in it so far."""
        return tuple(self._found)

    @property
    def is_archive(self) -> bool:
        """Whether it holds files, as a directory does too."""
        return self._opened.is_archive

    @property
    def size(self) -> int:
        """Bytes of the file or directory."""
        return self._opened.input.size

    @property
    def position(self) -> int:
        """Bytes read so far."""
        return self._opened.input.position

    def close(self) -> None:
        """Give back the file."""
        self._opened.input.close()

    def events(self, after: int = 0) -> Iterator[Event]:
        """All events in order; messages up to the ordinal `after` are passed over."""
        self._after = after
        for event in self._events():
            yield event
            if isinstance(event, SourceMessage):
                try:
                    for _ in event.chunks:
                        pass
                except MessageUnreadable:
                    pass
            yield from self._maker.problems()

    def _events(self) -> Iterator[Event]:
        for member in self._opened.container.members():
            yield from self._member(member)
        for folder, count in self._tables.without_table():
            text = f"Keywords of {count} messages are lost: no dovecot-keywords file names them."
            yield SourceProblem(text, Place(shown(folder)))
        if not self._folders:
            raise SourceError(
                "There is no mail in it that can be read: no mbox file and no Maildir folder.",
                Place(self._opened.input.name),
            )

    def _member(self, member: Member) -> Iterator[Event]:
        try:
            levels = paths.levels_of(member.path)
        except ValueError:
            place = Place(shown(member.path))
            yield SourceProblem("It is left out: “..” in its name leads to somewhere else.", place)
            return
        place = Place(shown("/".join(levels)))
        if member.kind == "directory":
            yield from self._directory(levels)
            return
        if not levels:
            return
        file = paths.file_path(levels)
        if member.unusable:
            if file.kind != "noise":
                yield SourceProblem(member.unusable, place)
        elif file.kind == "maildir":
            yield from self._maildir_message(member, file, place)
        elif file.kind == "keywords":
            yield from self._keyword_table(member, file, place)
        elif file.kind == "apple":
            yield from self._apple_message(member, file, place)
        elif file.kind == "message":
            yield from self._single_message(member, file, place)
        elif file.kind != "tmp":
            yield from self._perhaps_mbox(member, file, place)

    def _directory(self, levels: tuple[str, ...]) -> Iterator[Event]:
        if levels and levels[-1] in ("cur", "new") and paths.file_path((*levels, "x")).kind == "maildir":
            yield from self._folder(paths.maildir_folder(levels[:-1]) or _TOP, _MAILDIR, levels)

    def _folder(self, path: str, format_: str, levels: tuple[str, ...]) -> Iterator[Event]:
        if path in self._folders:
            return
        self._folders.add(path)
        self._found[format_] = None
        yield SourceFolder(path, format_)
        name = "/".join(levels)
        if paths.has_controls(name):
            text = "Its name has control characters; in the name of the mailbox each becomes “_”."
            yield SourceProblem(text, Place(shown(name)))

    def _maildir_message(self, member: Member, file: FilePath, place: Place) -> Iterator[Event]:
        folder = file.folder or _TOP
        yield from self._folder(folder, _MAILDIR, file.levels)
        name = file.levels[-1]
        flags = self._tables.flags(folder, self._maker.ordinal + 1, names.info_letters(name))
        if not self._passes_over():
            received = names.received(name, member.modified)
            yield from self._file_message(member, folder, place, received, flags)

    def _single_message(self, member: Member, file: FilePath, place: Place) -> Iterator[Event]:
        folder = file.folder or _TOP
        yield from self._folder(folder, _SINGLE, file.levels)
        if not self._passes_over():
            yield from self._file_message(member, folder, place, None, MessageFlags())

    def _apple_message(self, member: Member, file: FilePath, place: Place) -> Iterator[Event]:
        folder = file.folder or _TOP
        yield from self._folder(folder, _APPLE, file.levels)
        apple = AppleMessage(member.content)
        if self._passes_over():
            yield from self._told_late(apple)
            return
        message = self._maker.from_file(apple.message(), folder, place, None, MessageFlags())
        if message is None:
            return
        if file.levels[-1].endswith(".partial.emlx"):
            yield SourceProblem("Its attachments are not with it: Apple Mail keeps them elsewhere.", place)
        if apple.is_read:
            state = apple.state()
            received = first_plausible((state.received, message.received))
            yield replace(message, flags=state.flags, received=received)
            return
        yield message
        yield FlagsLearned(message.ordinal, apple.state().flags)

    def _told_late(self, apple: AppleMessage) -> Iterator[FlagsLearned]:
        """Of a message that was passed over: its flags, if they came behind it before."""
        try:
            is_large = sum(map(len, apple.message())) >= WHOLE
        except MemberBroken:
            return
        if is_large:
            yield FlagsLearned(self._maker.ordinal, apple.state().flags)

    def _passes_over(self) -> bool:
        """Whether the message that comes is one to be passed over; then it is counted."""
        if self._maker.ordinal >= self._after:
            return False
        self._maker.ordinal += 1
        return True

    def _file_message(
        self, member: Member, folder: str, place: Place, received: clock.Moment | None, flags: MessageFlags
    ) -> Iterator[SourceMessage]:
        message = self._maker.from_file(member.content, folder, place, received, flags)
        if message is not None:
            yield message

    def _keyword_table(self, member: Member, file: FilePath, place: Place) -> Iterator[Event]:
        data = b""
        try:
            for piece in member.content:
                data += piece[: LARGEST - len(data)]
        except MemberBroken as error:
            yield SourceProblem(str(error), place)
            return
        table, bad = parse_keyword_table(data)
        if bad:
            yield SourceProblem(f"{len(bad)} lines name no keyword, such as “{shown(bad[0])}”.", place)
        yield from self._tables.learn(file.folder or _TOP, table)

    def _perhaps_mbox(self, member: Member, file: FilePath, place: Place) -> Iterator[Event]:
        try:
            start = next(member.content, b"")
            while len(start) < _SNIFFED and (piece := next(member.content, b"")):
                start += piece
            if file.kind == "mbox" and not start.strip():
                yield from self._folder(file.folder, _MBOX, file.levels)
            elif starts_like_mbox(start[:_SNIFFED]):
                yield from self._mbox(chain((start,), member.content), file)
            elif start and file.kind != "noise":
                yield self._no_mail(file, place)
        except MemberBroken as error:
            yield SourceProblem(str(error), place)

    def _no_mail(self, file: FilePath, place: Place) -> SourceProblem:
        if not self._opened.is_archive:
            raise SourceError(
                "It is neither an archive (zip, tar, tgz, tar.bz2, tar.xz, tar.zst) nor an mbox file, which "
                "would begin with a “From ” line.",
                place,
            )
        if file.kind == "mbox":
            return SourceProblem("It is no mbox file: it does not begin with a “From ” line.", place)
        return SourceProblem("It holds no mail that can be read.", place)

    def _mbox(self, pieces: Iterator[bytes], file: FilePath) -> Iterator[Event]:
        name = shown("/".join(file.levels))
        is_labelled: bool | None = None
        expunged = self._maker.expunged
        splitter = MboxSplitter(pieces)
        for raw in self._unbroken(splitter, name):
            message = self._maker.from_mbox(raw, file.folder, name)
            if message is None:
                yield from self._maker.problems()
                continue
            if is_labelled is not False and (labels := message.header.get(takeout.FIELD)) is not None:
                is_labelled = True
                message = self._labelled(message, file, labels)
                self._found |= {_MBOX: None, TAKEOUT: None}
            if message.folder not in self._folders:
                yield from self._folder(message.folder, _MBOX, file.levels)
            if message.ordinal > self._after:
                yield message
        if not is_labelled:
            yield from self._folder(file.folder, _MBOX, file.levels)
        if self._maker.expunged > expunged:
            count = self._maker.expunged - expunged
            yield SourceProblem(f"{count} messages that had been deleted there are left out.", Place(name))
        yield from self._maker.problems()

    def _unbroken(self, splitter: MboxSplitter, name: str) -> Iterator[RawMessage]:
        try:
            yield from splitter.messages()
        except MemberBroken as error:
            self._maker.note(f"{error} Messages behind this place are missing.", Place(name, splitter.offset))

    def _labelled(self, message: SourceMessage, file: FilePath, labels: bytes) -> SourceMessage:
        found = takeout.read_labels(labels)
        parent = file.folder.rpartition("/")[0]
        folder = f"{parent}/{found.folder}" if parent else found.folder
        return replace(message, folder=folder, flags=found.flags)
