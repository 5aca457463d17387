"""Messages to send around."""

import hashlib

from mail.mime.headers import HeaderBlock
from mail.mime.summary import Summary, summarize
from mail.models import Account
from mail.store.accept import AcceptMessage, NewContent
from mail.store.deliver import LocalDelivery
from mail.store.layout import CHUNK_SIZE


def letter(
    subject: str = "Lunch", body: bytes = b"Shall we?\r\n", sender: str = "carol@remote.example"
) -> bytes:
    """A small well-formed message to alice."""
    header = f"From: Carol <{sender}>\r\nTo: alice@example.org\r\nSubject: {subject}\r\n\r\n"
    return header.encode() + body


def summary_of(raw: bytes) -> Summary:
    """What lists show of a message."""
    return summarize(HeaderBlock.parse(raw.partition(b"\r\n\r\n")[0] + b"\r\n"))


def new_content(raw: bytes) -> NewContent:
    """A content that is not stored yet at all."""
    chunks = tuple(raw[start : start + CHUNK_SIZE] for start in range(0, max(len(raw), 1), CHUNK_SIZE))
    return NewContent(len(raw), hashlib.sha256(raw).digest(), b"", summary_of(raw), chunks)


def to_inbox(account: Account, prefix: bytes = b"", mailbox: str = "Inbox") -> LocalDelivery:
    """A copy for an account's mailbox."""
    return LocalDelivery(
        account.pk, mailbox, prefix, "carol@remote.example", f"{account.name}@example.org"
    )  # fmt: skip


def accept_letter(raw: bytes, *accounts: Account) -> AcceptMessage:
    """The write that delivers a message to the inboxes of accounts."""
    return AcceptMessage(new_content(raw), tuple(to_inbox(account) for account in accounts))
