"""How long clients may take, and how much room they get."""

from dataclasses import dataclass
from typing import Final

LEAST_CONTENT: Final = 1024
"""Bytes of content that must come within EdgeLimits.body_seconds; a byte now and then is none."""

MOST_WAITING: Final = 64 * 1024
"""Bytes that a client may have sent beyond what is being answered, before we stop reading."""

WRITE_BUFFER: Final = 512 * 1024
"""Bytes for a peer that does not read, before who writes is told to pause: twice what is read at a time."""

MOST_DISCARDED: Final = 256 * 1024
"""Of content that nobody wanted: beyond, closing is cheaper than reading."""

LARGE_BODY: Final = 16 * 1024
"""Bytes from which on two pieces for the kernel cost less than a copy."""


@dataclass(frozen=True, slots=True)
class EdgeLimits:
    """All in seconds."""

    head_seconds: float = 30.0
    """From the first byte of a request, or the begin of the connection, to the end of its head."""
    idle_seconds: float = 65.0
    """Between two requests."""
    body_seconds: float = 60.0
    """For the next KiB of a request's content, or its end."""
    write_seconds: float = 120.0
    """For the client to read some of what waits for it; also of the last, before it closes."""
    linger_seconds: float = 2.0
    """For a client to stop sending after it was told that it need not."""
    handshake_seconds: float = 20.0
    """For TLS."""
