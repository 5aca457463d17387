"""The one error type for everything that ends in an answer to a peer or a user."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """An SMTP reply: code, enhanced status code (RFC 3463; empty when there is none) and text."""

    code: int
    enhanced: str
    text: str

    @property
    def is_permanent(self) -> bool:
        """Whether repeating the same command later is pointless (RFC 5321 section 4.2.1)."""
        return self.code >= 500

    def __str__(self) -> str:
        return " ".join(part for part in (str(self.code), self.enhanced, self.text) if part)


class MailError(Exception):
    """A failure with the reply that the peer may see and the cause that only the log may see.

    `public` is what the peer reads: it names no internals. `cause` is for the log.
    """

    def __init__(self, code: int, enhanced: str, text: str, *, cause: str = "") -> None:
        super().__init__(f"{code} {enhanced} {text}" + (f" ({cause})" if cause else ""))
        self.public = Reply(code, enhanced, text)
        self.cause = cause

    @property
    def is_permanent(self) -> bool:
        """Whether repeating the same command later is pointless."""
        return self.public.is_permanent
