"""What all sessions of a server share."""

import asyncio
import ipaddress
from collections.abc import Awaitable, Sequence
from types import CoroutineType
from typing import Protocol, TypeVar

from delivery.smtp.server.backend import Backend, Soon
from delivery.smtp.server.limits import Limits
from delivery.smtp.server.networks import ConnectionCounter
from mail.tls.context import ServerContext

T = TypeVar("T")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Certificates(Protocol):
    """Where the TLS context for a new connection comes from (mail.tls.certificates.ServerCertificates)."""

    @property
    def context(self) -> ServerContext:
        """The one in use now."""


class OpenSession(Protocol):
    """A session as the server sees it."""

    def shut_down(self) -> None:
        """End as soon as no message is on its way."""

    def abort(self) -> None:
        """End now."""


class Environment:
    """One for each server. Without `certificates` there is no TLS, and so no log-in.

    The PROXY headers of peers in `trusted_proxies` are believed.
    """

    def __init__(
        self,
        backend: Backend,
        certificates: Certificates | None,
        limits: Limits,
        hostname: str,
        trusted_proxies: Sequence[Network] = (),
    ) -> None:
        self.backend = backend
        self.certificates = certificates
        self.limits = limits
        self.hostname = hostname
        self.counter = ConnectionCounter(limits.connections, limits.connections_per_network)
        self.sessions: set[OpenSession] = set()
        self.stopping = False
        self._trusted_proxies = trusted_proxies
        self._left = asyncio.Event()

    def trusts_proxy(self, address: str) -> bool:
        """Whether who connects from there speaks for others."""
        if not self._trusted_proxies:
            return False
        try:
            ip = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        known = (getattr(ip, "ipv4_mapped", None) or ip, ip)
        return any(each in network for network in self._trusted_proxies for each in known)

    def leave(self, session: OpenSession) -> None:
        """A session is over, its connection closed and its work done."""
        self.sessions.discard(session)
        self._left.set()

    async def empty(self) -> None:
        """Until all sessions are over."""
        while self.sessions:
            self._left.clear()
            await self._left.wait()


async def settle(answer: Soon[T]) -> T:
    """What the backend answers, now or soon."""
    # Asked first what nearly all are: an abstract class takes its time to tell.
    if type(answer) is CoroutineType or isinstance(answer, Awaitable):
        settled: T = await answer
        return settled
    return answer
