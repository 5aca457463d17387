"""Where TLS records end in a stream of bytes (RFC 8446 section 5.1, RFC 5246 section 6.2.1). Pure."""

from typing import Final

_HEADER: Final = 5
"""Type, version and, in the last two bytes, the length of what follows."""


class RecordCounter:
    """Counts the records of one direction of a connection, from its first byte on."""

    def __init__(self) -> None:
        self._missing = 0
        self._header = b""

    def feed(self, data: bytes | bytearray | memoryview) -> int:
        """How many records these next bytes complete. What is no TLS gives any number."""
        size = len(data)
        at_start = not self._missing and not self._header
        if at_start and size > _HEADER and _HEADER + (data[3] << 8 | data[4]) == size:
            return 1  # as nearly always
        whole, position = 0, 0
        while position < size:
            if self._missing:
                step = min(self._missing, size - position)
                self._missing -= step
            else:
                step = min(_HEADER - len(self._header), size - position)
                self._header += bytes(data[position : position + step])
                if len(self._header) < _HEADER:
                    break
                self._missing = int.from_bytes(self._header[3:], "big")
                self._header = b""
            position += step
            whole += not self._missing
        return whole
