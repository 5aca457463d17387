"""What a kind of handler does with a request that it is asked for, in words for `explain`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether the request is taken, why, and where it goes: a file, a URL of a backend, a Location.

    `status` is there when it is known beforehand.
    """

    takes: bool
    reason: str
    target: str = ""
    status: int | None = None
