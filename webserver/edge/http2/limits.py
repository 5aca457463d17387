"""What one HTTP/2 connection may have of us."""

from typing import Final

STREAMS: Final = 100
"""Requests at the same time."""

HEADER_LIST: Final = 16 * 1024
"""Bytes of a request's fields, as announced (RFC 9113 section 6.5.2); more get 431."""

HEADER_LIST_READ: Final = 64 * 1024
"""Bytes of fields, unpacked, beyond which the connection ends: what was packed to burst."""

STREAM_WINDOW: Final = 256 * 1024
"""Bytes of a request's content that may be under way or unread."""

CONNECTION_WINDOW: Final = 1024 * 1024
"""The same of all requests together."""

MOST_UNSENT: Final = 128 * 1024
"""Bytes of an answer that wait for the client, before who writes is told to pause."""

LEAST_UNSENT: Final = 32 * 1024
"""Bytes at which it is told to go on."""

FRAME: Final = 16 * 1024
"""Bytes of content in one frame: so that answers take turns."""

LEAST_PROGRESS: Final = 16 * 1024
"""Bytes that a client must take within EdgeLimits.write_seconds: single bytes of window are none."""

ODD_FRAMES: Final = 500
"""Frames without use for a request, such as PING, SETTINGS and RST_STREAM, that may come at once."""

ODD_FRAMES_PER_SECOND: Final = 50.0
"""How many are forgiven in a second. Clients that go on sending them get ENHANCE_YOUR_CALM."""
