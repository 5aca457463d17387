"""Numbers that stand for messages in the search index: their order is that of the results. Pure."""

import hashlib
from typing import Final

from mail import clock

_ID_BITS: Final = 37
_ID_MASK: Final = (1 << _ID_BITS) - 1
_LAST_MINUTE: Final = (1 << (63 - _ID_BITS)) - 1

MESSAGE_OF_KEY: Final = f"({{}} & {_ID_MASK})"
"""SQL for the message row that a key belongs to; the column goes between the braces."""

KEY_OF_MESSAGE: Final = (
    f"((CASE WHEN {{0}}.received < 0 THEN 0 WHEN {{0}}.received / {clock.MINUTE} > {_LAST_MINUTE} "
    f"THEN {_LAST_MINUTE} ELSE {{0}}.received / {clock.MINUTE} END << {_ID_BITS}) | {{0}}.id)"
)
"""SQL for the key of a message row; the table goes between the braces."""

HIGHEST_KEY: Final = (1 << 63) - 1


def search_key(received: clock.Moment, message: int) -> int:
    """The minute of arrival, then the row id: results in the order of keys are in the order of time.

    So the newest results are found without looking at the others. Moments before 1970 count as its
    beginning, those after 2097 as the end. Row ids may have up to 37 bits.
    """
    return first_key(received) | message


def first_key(received: clock.Moment) -> int:
    """The lowest key of the minute."""
    return min(max(received // clock.MINUTE, 0), _LAST_MINUTE) << _ID_BITS


def message_of(key: int) -> int:
    """The row id of the message."""
    return key & _ID_MASK


def message_key(account: int, message_id: str) -> int:
    """A positive number for a Message-ID within an account; also what a conversation is called."""
    digest = hashlib.blake2b(f"{account} {message_id}".encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest) >> 1
