"""The state of a message as mail formats carry it, in the words of the store."""

from mail.mailformats.flags import MessageFlags
from mail.models import Flag

# As plain numbers: it is done for every message, and operations of enumerations are slow.
_SEEN, _ANSWERED, _FLAGGED = int(Flag.SEEN), int(Flag.ANSWERED), int(Flag.FLAGGED)
_DELETED, _DRAFT = int(Flag.DELETED), int(Flag.DRAFT)


def stored_flags(flags: MessageFlags) -> tuple[int, tuple[str, ...]]:
    """System flags as a number, and the keywords in a fixed order."""
    number = (
        flags.seen * _SEEN
        + flags.answered * _ANSWERED
        + flags.flagged * _FLAGGED
        + flags.deleted * _DELETED
        + flags.draft * _DRAFT
    )
    return number, tuple(sorted(flags.keywords)) if flags.keywords else ()
