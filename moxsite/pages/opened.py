"""A message of the account, opened: its row, its structure, and its bytes piece by piece."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import Http404

from mail.mime.headers import HEADER_LIMIT, HeaderBlock
from mail.mime.part_index import Part, PartIndex
from mail.models import Account, Mailbox, Message
from mail.store.contents import read
from mail.store.part_indexes import part_index
from moxsite.pages.cursor import HIGHEST
from moxsite.pages.mailboxes import own_mailbox


@dataclass(frozen=True, slots=True)
class OpenedMessage:
    """A message with its part index. Reading any of its bytes reads only the chunks they are in."""

    mailbox: Mailbox
    message: Message
    index: PartIndex

    def part(self, number: int) -> Part:
        """The part at this position of the index. Raises Http404."""
        if number >= len(self.index.parts):
            raise Http404
        return self.index.parts[number]

    def part_bytes(self, part: Part) -> Iterator[bytes]:
        """The body of a part as it was sent, its transfer encoding still in place."""
        return read(self.message.content_id, part.body_offset, part.body_length)

    def raw_bytes(self) -> Iterator[bytes]:
        """The whole message as its owner may read it: what was put before it on arrival, then the content."""
        if self.message.prefix:
            yield bytes(self.message.prefix)
        yield from read(self.message.content_id)

    def header(self) -> HeaderBlock:
        """The header section, with the fields added on arrival."""
        length = min(self.index.parts[0].header_length, HEADER_LIMIT)
        block = b"".join(read(self.message.content_id, 0, length)) if length else b""
        return HeaderBlock.parse(bytes(self.message.prefix) + block.rstrip(b"\r\n") + b"\r\n")


def open_message(account: Account, mailbox_id: int, uid: int) -> OpenedMessage:
    """The message with this uid in a mailbox of the account. Raises Http404, also for messages of others."""
    mailbox = own_mailbox(account, mailbox_id)
    if uid > HIGHEST:
        raise Http404
    message = Message.objects.filter(mailbox=mailbox, uid=uid).select_related("content").first()
    if message is None:
        raise Http404
    return OpenedMessage(mailbox, message, part_index(message.content_id, bytes(message.content.part_index)))
