"""An account as a Maildir with its folders."""

from collections.abc import Iterator
from pathlib import Path

from mail.exporting.reading import bytes_of, flags_of, mailboxes_of, messages_of
from mail.mailformats.maildir import MaildirWriter
from mail.models import Account, Mailbox


def export_maildir(account: Account, folder: Path) -> Iterator[Mailbox]:
    """Write every mailbox below `folder`; gives each mailbox when it is done. Raises OSError."""
    writer = MaildirWriter(folder)
    for mailbox in mailboxes_of(account):
        writer.add_mailbox(mailbox.name)
        for message in messages_of(mailbox):
            writer.add_message(
                mailbox.name, bytes_of(message), received=message.received, flags=flags_of(message)
            )
        yield mailbox
    writer.close()
