"""The header by which a proxy says whom it speaks for: PROXY protocol, versions 1 and 2.

Described in https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt.
"""

import logging
from dataclasses import dataclass
from typing import Final

from aiosmtpd.proxy_protocol import AF, PROTO, V2_CMD, ProxyData, get_proxy

from delivery.smtp.server.faults import PeerTimeout, SessionFault
from delivery.smtp.server.stream import PeerStream

HEADER_SECONDS: Final = 5.0
"""For the whole header; a proxy sends it at once."""

LOCAL_SECONDS: Final = 2.0
"""For the first bytes of a header from this machine. A proxy sends them at once, others wait for us."""

_STARTS: Final = (b"PROXY ", b"\r\n\r\n\x00\r\nQUIT\n")
_LONGEST_LINE: Final = 107
_MOST: Final = 0xFFFF
_IP: Final = (AF.INET, AF.INET6)

# What its parser finds wrong comes back as an error too, and is logged with the address.
logging.getLogger("mail.debug").setLevel(logging.CRITICAL)


class ProxyFault(SessionFault):
    """A trusted proxy did not say whom it speaks for. The text is for the log."""


@dataclass(frozen=True, slots=True)
class ProxiedAddresses:
    """Who connected to the proxy, and where."""

    remote_address: str
    remote_port: int
    local_address: str
    local_port: int


async def begins_header(stream: PeerStream, seconds: float) -> bool:
    """Whether what comes within `seconds` may become a header; it is not read yet. Raises PeerGone."""
    try:
        data = await stream.content(stream.loop.time() + seconds)
    except PeerTimeout:
        return False
    stream.put_back(data)
    return any(data[: len(start)] == start[: len(data)] for start in _STARTS)


async def read_proxy_header(stream: PeerStream, seconds: float) -> ProxiedAddresses | None:
    """The addresses of the header; None when the proxy speaks for itself, such as to see whether we live.

    Raises ProxyFault for what is no header, and for one that is not complete in time; PeerTimeout and
    PeerGone when nothing comes at all.
    """
    header = await get_proxy(_HeaderReader(stream, stream.loop.time() + seconds))
    if not header.valid:
        raise ProxyFault(header.error or "no address")
    return _addresses(header)


def _addresses(header: ProxyData) -> ProxiedAddresses | None:
    if header.version == 2 and header.command == V2_CMD.LOCAL:
        return None
    if header.protocol == PROTO.DGRAM:
        raise ProxyFault("not about TCP")
    if header.family not in _IP or header.protocol != PROTO.STREAM:
        return None
    if header.src_port is None or header.dst_port is None:
        raise ProxyFault("no ports")
    return ProxiedAddresses(str(header.src_addr), header.src_port, str(header.dst_addr), header.dst_port)


class _HeaderReader:
    """Reads like asyncio's streams, which the parser expects, and no byte too much."""

    def __init__(self, stream: PeerStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    async def read(self, n: int = _MOST) -> bytes:
        """From one to `n` bytes."""
        data = await self._stream.content(self._deadline)
        self._stream.put_back(data[n:])
        return data[:n]

    async def readexactly(self, n: int) -> bytes:
        """So many bytes."""
        data = b""
        while len(data) < n:
            data += await self.read(n - len(data))
        return data

    async def readuntil(self, separator: bytes = b"\n") -> bytes:
        """Up to and with the separator. Raises ProxyFault when it is too far away."""
        data = b""
        while separator not in data:
            if len(data) > _LONGEST_LINE:
                raise ProxyFault("line too long")
            data += await self._stream.content(self._deadline)
        end = data.index(separator) + len(separator)
        self._stream.put_back(data[end:])
        return data[:end]
