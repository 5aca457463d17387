"""The state that Thunderbird and its relatives write into messages of their mbox files.

Source: nsMsgMessageFlags.idl of Thunderbird.
"""

from mail.mime.headers import HeaderBlock

STATUS = "X-Mozilla-Status"
STATUS_2 = "X-Mozilla-Status2"
KEYS = "X-Mozilla-Keys"

_READ = 0x0001
_REPLIED = 0x0002
_MARKED = 0x0004
_EXPUNGED = 0x0008
_FORWARDED = 0x1000
_IMAP_DELETED = 0x00200000
_MDN_SENT = 0x00800000
_LABELS = 0x0E000000
_LABEL_SHIFT = 25


class MozillaState:
    """The fields of one message, read. Unreadable numbers count as 0."""

    def __init__(self, block: HeaderBlock) -> None:
        status = _number(block.get(STATUS))
        more = _number(block.get(STATUS_2))
        self.seen = bool(status & _READ)
        self.answered = bool(status & _REPLIED)
        self.flagged = bool(status & _MARKED)
        self.deleted = bool(more & _IMAP_DELETED)
        self.expunged = bool(status & _EXPUNGED)
        """Deleted already; the bytes are only there until the file is compacted."""
        self.keywords = (block.get(KEYS) or b"").decode("utf-8", "replace").split()
        if status & _FORWARDED:
            self.keywords.append("$Forwarded")
        if more & _MDN_SENT:
            self.keywords.append("$MDNSent")
        if label := (more & _LABELS) >> _LABEL_SHIFT:
            self.keywords.append(f"$label{label}")


def _number(value: bytes | None) -> int:
    try:
        return int(value or b"0", 16)
    except ValueError:
        return 0
