"""The PROXY header of a session, where a trusted proxy connects (mail.proxy_protocol)."""

from typing import Final

from delivery.smtp.server.faults import PeerTimeout, SessionFault
from delivery.smtp.server.stream import PeerStream
from mail.proxy_protocol import BrokenHeader, ProxiedAddresses, header_size, read_header

HEADER_SECONDS: Final = 5.0
"""For the whole header; a proxy sends it at once."""

LOCAL_SECONDS: Final = 2.0
"""For the first bytes of a header from this machine. A proxy sends them at once, others wait for us."""


class ProxyFault(SessionFault):
    """A trusted proxy did not say whom it speaks for. The text is for the log."""


async def begins_header(stream: PeerStream, seconds: float) -> bool:
    """Whether what comes within `seconds` may become a header; it is not read yet. Raises PeerGone."""
    try:
        data = await stream.content(stream.loop.time() + seconds)
    except PeerTimeout:
        return False
    stream.put_back(data)
    try:
        header_size(data)
    except BrokenHeader:
        return False
    return True


async def read_proxy_header(stream: PeerStream, seconds: float) -> ProxiedAddresses | None:
    """The addresses of the header; None when the proxy speaks for itself, such as to see whether we live.

    Raises ProxyFault for what is no header; PeerTimeout for one that is not complete in time, and PeerGone.
    """
    deadline = stream.loop.time() + seconds
    data = await stream.content(deadline)
    try:
        while not (size := header_size(data)):
            data += await stream.content(deadline)
        told = read_header(data[:size])
    except BrokenHeader as error:
        raise ProxyFault(str(error)) from None
    stream.put_back(data[size:])
    return told
