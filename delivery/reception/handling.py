"""What the spool and the backend ask of those who know the rules of a port."""

from dataclasses import dataclass
from typing import Protocol

from delivery.reception.removals import Removals
from mail.addresses.address import Address
from mail.errors import MailError
from mail.mime.headers import HeaderBlock
from mail.store.accept import AcceptMessage, NewContent


@dataclass(slots=True)
class SpooledMessage:
    """A message whose last byte has arrived.

    `header` is the header section as it came. The two other facts are about bytes above 127.
    """

    content: NewContent
    header: HeaderBlock
    eight_bit_header: bool
    eight_bit_body: bool


class BodyReader(Protocol):
    """Sees the body of a message while it arrives, on the event loop."""

    def update(self, data: bytes) -> None:
        """The next bytes, as they are stored. They are what follows the blank line."""


class Handling(Protocol):
    """One transaction under the rules of its port. Its methods raise MailError to refuse."""

    @property
    def removals(self) -> Removals:
        """The header fields that are not stored."""

    @property
    def message_id(self) -> str:
        """How the log and the reply name the message."""

    async def sender(self) -> None:
        """Judge the envelope sender."""

    async def recipient(self, address: Address) -> None:
        """Judge and note a recipient."""

    async def check(self, header: HeaderBlock) -> None:
        """Judge the header section, once, before much is stored."""

    def body_reader(self, header: HeaderBlock) -> BodyReader | None:
        """Who sees the body while it arrives; None for nobody. Asked once, before its first byte."""

    async def accept(self, message: SpooledMessage) -> AcceptMessage:
        """The write that takes the message over."""

    def accepted(self, message: SpooledMessage) -> None:
        """It is committed."""

    def not_accepted(self, error: MailError) -> None:
        """It could not be committed."""
