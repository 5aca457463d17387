"""The state of a message as mail formats carry it, in the words of the store."""

from mail.mailformats.flags import MessageFlags
from mail.models import Flag


def stored_flags(flags: MessageFlags) -> tuple[int, tuple[str, ...]]:
    """System flags as a number, and the keywords in a fixed order."""
    number = (
        Flag.SEEN * flags.seen
        | Flag.ANSWERED * flags.answered
        | Flag.FLAGGED * flags.flagged
        | Flag.DELETED * flags.deleted
        | Flag.DRAFT * flags.draft
    )
    return int(number), tuple(sorted(flags.keywords))
