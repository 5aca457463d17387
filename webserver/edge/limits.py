"""How long clients may take, and how much room they get."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EdgeLimits:
    """All in seconds."""

    head_seconds: float = 30.0
    """From the first byte of a request, or the begin of the connection, to the end of its head."""
    idle_seconds: float = 65.0
    """Between two requests."""
    body_seconds: float = 60.0
    """Without any byte of a request's content."""
    write_seconds: float = 120.0
    """Without the client reading what is sent to it."""
    linger_seconds: float = 2.0
    """For a client to stop sending after it was told that it need not."""
    handshake_seconds: float = 20.0
    """For TLS."""
