"""What archives and directories are made of."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from mail import clock

MemberKind = Literal["file", "directory", "other"]


@dataclass(slots=True)  # not frozen: made for each message
class Member:
    """One file or directory.

    `path` is as the archive has it, decoded, levels divided by "/". `unusable` says in a sentence why there
    is no content: a link, a device, encrypted. `content` is to be read before the next member is asked
    for; it raises MemberBroken, and SourceError when the whole archive can't be read on.
    """

    path: str
    kind: MemberKind
    modified: clock.Moment | None
    content: Iterator[bytes]
    unusable: str = ""


class Container(Protocol):
    """Anything that holds files: an archive or a directory."""

    def members(self) -> Iterator[Member]:
        """Its members in their order, the same on each run. Raises SourceError and OSError."""
