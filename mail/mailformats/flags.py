"""The state of a message as mail formats carry it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MessageFlags:
    """The system flags of IMAP (RFC 3501 section 2.3.2) and the keywords of one message.

    Keywords are IMAP atoms: no spaces, no control characters.
    """

    seen: bool = False
    answered: bool = False
    flagged: bool = False
    draft: bool = False
    deleted: bool = False
    keywords: frozenset[str] = frozenset()
