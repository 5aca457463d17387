"""The state of messages that mbox files carry in header fields, and taking those fields off again."""

import re
from dataclasses import dataclass
from functools import lru_cache

from importer.mbox import mozilla
from mail.mailformats.flags import MessageFlags
from mail.mailformats.keywords import is_keyword
from mail.mime.headers import HeaderBlock

_OURS = re.compile(
    rb"Status: (R?)O\r\nX-Status: (A?F?T?D?)\r\nX-Keywords: ([!-~]*)(\r\n|\Z)",
)
_STATUS = re.compile(rb"[A-Z]{0,8}")
_SEPARATORS = re.compile(r"[,\s]+")
_BOOKKEEPING = ("X-UID", "X-IMAP", "X-IMAPbase", "Content-Length")


@dataclass(slots=True)  # not frozen: made for each message
class MboxState:
    """Flags of a message and its text without the fields that held them.

    `is_expunged` when the message was deleted already and only its bytes are left; `is_bookkeeping` when it
    is the note that some programs keep about the folder as its first message.
    """

    flags: MessageFlags
    text: bytes
    block: HeaderBlock
    is_expunged: bool = False
    is_bookkeeping: bool = False


def take_state(text: bytes, header_end: int) -> MboxState:
    """Read the state of a message, of which `text` with CR LF line ends begins with the whole header section;
    that is its first `header_end` bytes, without the blank line.

    A file that moxsite exported has its fields first; fields of the same names after them are the message's
    own and stay. Of other programs the fields are taken off wherever they stand. Never raises.
    """
    found = _OURS.match(text)
    if found:
        return _ours(found, text, header_end)
    block = HeaderBlock.parse(text[:header_end])
    gone = [name for name in _BOOKKEEPING if name in block]
    letters = b""
    for name in ("Status", "X-Status"):
        value = block.get(name)
        if value is not None and _STATUS.fullmatch(value):
            letters += value if name == "X-Status" else value.replace(b"D", b"")
            gone.append(name)
    keywords: list[str] = []
    if (value := block.get("X-Keywords")) is not None:
        keywords += _SEPARATORS.split(value.decode("utf-8", "replace"))
        gone.append("X-Keywords")
    flags = _flags(letters, keywords)
    is_expunged = False
    is_bookkeeping = "X-IMAP" in block and (block.get("Subject") or b"").startswith(
        b"DON'T DELETE THIS MESSAGE"
    )
    if mozilla.STATUS in block:
        state = mozilla.MozillaState(block)
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
    if gone:
        block = block.reduced(gone)
        text = bytes(block) + text[header_end:]
    return MboxState(flags, text, block, is_expunged, is_bookkeeping)


def _ours(found: re.Match[bytes], text: bytes, header_end: int) -> MboxState:
    seen, letters, keywords, _ = found.groups()
    flags = _our_flags(seen + letters, keywords)
    start = found.end()
    if text.startswith(b"\r\n", start):
        # The message has no header section of its own; the blank line was written for ours.
        return MboxState(flags, text[start + 2 :], HeaderBlock.parse(b""))
    return MboxState(flags, text[start:], HeaderBlock.parse(text[start:header_end]))


@lru_cache(maxsize=256)
def _our_flags(letters: bytes, keywords: bytes) -> MessageFlags:
    """Many messages have the same."""
    return _flags(letters, keywords.decode("ascii").split(","))


def _flags(letters: bytes, keywords: list[str]) -> MessageFlags:
    return MessageFlags(
        seen=b"R" in letters,
        answered=b"A" in letters,
        flagged=b"F" in letters,
        draft=b"T" in letters,
        deleted=b"D" in letters,
        keywords=frozenset(filter(is_keyword, keywords)),
    )
