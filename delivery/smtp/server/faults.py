"""Why a session stops waiting for its client, or does not take what it says."""

from mail.errors import MailError


class SessionFault(Exception):
    """The conversation can't go on."""


class PeerGone(SessionFault):
    """The client closed the connection, or it broke."""


class PeerTimeout(SessionFault):
    """The client took too long."""


class SessionEnded(SessionFault):
    """The conversation is over: after QUIT, or after a reply that ends it."""


class ShuttingDown(SessionFault):
    """The server stops."""


class LineRefused(MailError):
    """A line that can't be taken; `line` is how it starts."""

    def __init__(self, line: bytes, enhanced: str, text: str) -> None:
        super().__init__(500, enhanced, text)
        self.line = line
