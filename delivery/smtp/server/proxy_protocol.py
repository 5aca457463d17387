"""The PROXY header of a session, where a trusted proxy connects (mail.proxy_protocol)."""

from typing import Final

from delivery.smtp.server.faults import SessionFault
from delivery.smtp.server.stream import PeerStream
from mail.proxy_protocol import BrokenHeader, ProxiedAddresses, header_size, read_header

HEADER_SECONDS: Final = 5.0
"""For the whole header; a proxy sends it at once."""


class ProxyFault(SessionFault):
    """A trusted proxy did not say whom it speaks for. The text is for the log."""


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
