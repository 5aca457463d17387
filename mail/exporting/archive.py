"""Mail of an account as an archive that is made while it is sent."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from mail import clock
from mail.exporting.mbox import mbox_of, safe_path
from mail.exporting.reading import bytes_of, flags_of, messages_of
from mail.exporting.tar_stream import TarStream
from mail.exporting.zip_stream import ZipStream
from mail.mailformats.maildir import MaildirNames, folder_name
from mail.models import Mailbox

ARCHIVES: Final[dict[str, type[TarStream] | type[ZipStream]]] = {"tgz": TarStream, "zip": ZipStream}
FORMATS: Final = ("mbox", "maildir")

_PIECE: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Chosen:
    """A mailbox to export, whole or only the messages with these ascending uids."""

    mailbox: Mailbox
    uids: tuple[int, ...] | None = None


def export_archive(chosen: Sequence[Chosen], format_: str, archive: TarStream | ZipStream) -> Iterator[bytes]:
    """The archive in pieces of some size. `format_` is one of FORMATS."""
    members = _mboxes(chosen, archive) if format_ == "mbox" else _maildirs(chosen, archive)
    return _in_larger_pieces(_with_end(members, archive))


def _with_end(members: Iterable[bytes], archive: TarStream | ZipStream) -> Iterator[bytes]:
    yield from members
    yield from archive.end()


def _mboxes(chosen: Iterable[Chosen], archive: TarStream | ZipStream) -> Iterator[bytes]:
    for each in chosen:
        name = f"{safe_path(each.mailbox.name)}.mbox"
        yield from archive.member(name, mbox_of(each.mailbox, each.uids), clock.now())


def _maildirs(chosen: Iterable[Chosen], archive: TarStream | ZipStream) -> Iterator[bytes]:
    names = MaildirNames()
    moment = clock.now()
    for each in chosen:
        mailbox = each.mailbox.name
        folder = f"{path}/" if (path := folder_name(mailbox)) else ""
        for part in ("tmp", "new", "cur"):
            yield from archive.folder(folder + part, moment)
        if folder:
            yield from archive.member(f"{folder}maildirfolder", (), moment, 0)
        for message in messages_of(each.mailbox, each.uids):
            final = names.final(names.unique(message.received), mailbox, message.size, flags_of(message))
            name = f"{folder}cur/{final}"
            yield from archive.member(name, bytes_of(message), message.received, message.size)
    for mailbox, table in names.tables():
        folder = f"{path}/" if (path := folder_name(mailbox)) else ""
        data = table.encode()
        yield from archive.member(f"{folder}dovecot-keywords", (data,), moment, len(data))


def _in_larger_pieces(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Fewer trips to whoever sends them."""
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= _PIECE:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)
