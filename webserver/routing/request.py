"""What is known of a request when it is decided who answers it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from webserver.routing.hosts import Host
from webserver.routing.paths import RequestPath

Scheme: TypeAlias = Literal["http", "https"]
Client: TypeAlias = IPv4Address | IPv6Address

DEFAULT_PORTS: Final[Mapping[str, int]] = MappingProxyType({"http": 80, "https": 443})


@dataclass(frozen=True, slots=True)
class Request:
    """A request as far as decisions go.

    `client` is the address that the request comes from behind trusted proxies; header names are lower case.
    """

    method: str
    scheme: Scheme
    authority: Host
    """Its `port` is None for the port that the listener stands for: 80 with an offset of 1000 is 1080."""
    path: RequestPath
    query: str = ""
    client: Client | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def host(self) -> str:
        """The name of the host; "" when there is none that can be read."""
        return self.authority.name

    @property
    def effective_port(self) -> int:
        """The port that the client asked for."""
        return self.authority.port or DEFAULT_PORTS[self.scheme]

    @property
    def target(self) -> str:
        """Cleaned path and query, percent-encoded."""
        return self.path.raw + (f"?{self.query}" if self.query else "")
