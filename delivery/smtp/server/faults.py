"""Why a session stops waiting for its client."""


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
