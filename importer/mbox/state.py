"""The state of messages that other programs keep in fields of mbox files, and taking those off again."""

import re
from dataclasses import dataclass

from importer.mbox import mozilla
from importer.mbox.own_fields import status_flags
from mail.mailformats.flags import MessageFlags
from mail.mailformats.keywords import is_keyword
from mail.mime.headers import HeaderBlock

_STATUS = re.compile(rb"[A-Z]{0,8}")
_SEPARATORS = re.compile(r"[,\s]+")
_BOOKKEEPING = ("X-UID", "X-IMAP", "X-IMAPbase", "Content-Length")
_TAKEN = frozenset(
    name.lower().encode() for name in (*_BOOKKEEPING, "Status", "X-Status", "X-Keywords", mozilla.STATUS)
)
_NO_FLAGS = MessageFlags()


@dataclass(slots=True)  # not frozen: made for each message
class MboxState:
    """Flags of a message and its header section without the fields that held them.

    `is_expunged` when the message was deleted already and only its bytes are left; `is_bookkeeping` when it
    is the note that some programs keep about the folder as its first message.
    """

    flags: MessageFlags
    block: HeaderBlock
    is_expunged: bool = False
    is_bookkeeping: bool = False


def take_state(header: HeaderBlock) -> MboxState:
    """Read the state of a message; the fields are taken off wherever they stand. Never raises."""
    if not header.has_any(_TAKEN):
        return MboxState(_NO_FLAGS, header)
    gone = [name for name in _BOOKKEEPING if name in header]
    letters = b""
    for name in ("Status", "X-Status"):
        value = header.get(name)
        if value is not None and _STATUS.fullmatch(value):
            letters += value if name == "X-Status" else value.replace(b"D", b"")
            gone.append(name)
    keywords: list[str] = []
    if (value := header.get("X-Keywords")) is not None:
        keywords += _SEPARATORS.split(value.decode("utf-8", "replace"))
        gone.append("X-Keywords")
    flags = status_flags(letters, keywords)
    is_expunged = False
    is_bookkeeping = "X-IMAP" in header and (header.get("Subject") or b"").startswith(
        b"DON'T DELETE THIS MESSAGE"
    )
    if mozilla.STATUS in header:
        state = mozilla.MozillaState(header)
        gone += [mozilla.STATUS, mozilla.STATUS_2, mozilla.KEYS]
        flags = MessageFlags(
            seen=flags.seen or state.seen,
            answered=flags.answered or state.answered,
            flagged=flags.flagged or state.flagged,
            draft=flags.draft,
            deleted=flags.deleted or state.deleted,
            keywords=flags.keywords | frozenset(filter(is_keyword, state.keywords)),
        )
        is_expunged = state.expunged
    return MboxState(flags, header.reduced(gone) if gone else header, is_expunged, is_bookkeeping)
