"""Mailboxes as mbox files."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from mail.exporting.reading import bytes_of, flags_of, messages_of
from mail.mailformats.mbox import mbox_message
from mail.models import Mailbox


def mbox_of(mailbox: Mailbox, uids: Sequence[int] | None = None) -> Iterator[bytes]:
    """The mailbox, or what has these uids, as one mbox file, piece by piece."""
    for message in messages_of(mailbox, uids):
        yield from mbox_message(
            bytes_of(message),
            envelope_sender=message.envelope_sender,
            received=message.received,
            flags=flags_of(message),
        )


def export_mbox(mailboxes: Iterable[Mailbox], folder: Path) -> Iterator[Mailbox]:
    """Write a file for each mailbox below `folder`; gives each mailbox when it is done. Raises OSError."""
    for mailbox in mailboxes:
        path = folder / f"{safe_path(mailbox.name)}.mbox"
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "xb") as file:
            for piece in mbox_of(mailbox):
                file.write(piece)
        yield mailbox


def safe_path(name: str) -> str:
    """A mailbox name as a relative path: its levels are folders, and none of them leads out of the folder."""
    levels = (level.replace("\0", "_") for level in name.split("/"))
    return "/".join("_" + level if level in ("", ".", "..") else level for level in levels)
