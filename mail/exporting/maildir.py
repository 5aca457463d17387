"""Mailboxes as a Maildir with its folders."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from mail.exporting.reading import bytes_of, flags_of, messages_of
from mail.mailformats.maildir import MaildirWriter
from mail.models import Mailbox


def export_maildir(mailboxes: Iterable[Mailbox], folder: Path) -> Iterator[Mailbox]:
    """Write every mailbox below `folder`; gives each mailbox when it is done. Raises OSError."""
    writer = MaildirWriter(folder)
    for mailbox in mailboxes:
        writer.add_mailbox(mailbox.name)
        for message in messages_of(mailbox):
            writer.add_message(
                mailbox.name, bytes_of(message), received=message.received, flags=flags_of(message)
            )
        yield mailbox
    writer.close()
