"""Headers of the PROXY protocol as proxies send them."""

import socket
import struct

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
V4 = socket.inet_aton("192.0.2.7") + socket.inet_aton("198.51.100.1") + struct.pack("!HH", 4711, 25)
V6 = (
    socket.inet_pton(socket.AF_INET6, "2001:db8::7")
    + socket.inet_pton(socket.AF_INET6, "2001:db8::1")
    + struct.pack("!HH", 4711, 25)
)


def version_2(command: int, family: int, data: bytes, more: bytes = b"") -> bytes:
    """A header with addresses and extensions."""
    return SIGNATURE + struct.pack("!BBH", 0x20 | command, family, len(data + more)) + data + more
