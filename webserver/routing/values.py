"""The web configuration as the edge and `explain` read it: frozen, validated, compiled. Pure.

Hosts are lower case A-labels without port and trailing dot, or IP literals without brackets; paths are
decoded and cleaned (webserver.routing.paths). Header names and values are printable ASCII, as configured.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

Headers: TypeAlias = tuple[tuple[str, str], ...]
"""Set in the answer, in this order: each replaces whatever the file or backend says under that name."""

Network: TypeAlias = IPv4Network | IPv6Network
ServiceName: TypeAlias = Literal["account", "admin"]

DEFAULT_CONNECT_SECONDS: Final = 10.0
DEFAULT_RESPONSE_SECONDS: Final = 60.0
DEFAULT_HEALTH_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class StaticSettings:
    """Files below `root`, an absolute folder.

    `strip_prefix` is "", or begins with "/" and has none at its end. The rest of a path behind the prefix is
    empty or begins with "/"; any other path is not found.
    """

    root: str
    strip_prefix: str = ""
    list_files: bool = False
    continue_not_found: bool = False
    follow_symlinks: bool = False
    """Whether symbolic links may lead outside of root; those that stay inside always work."""
    response_headers: Headers = ()


@dataclass(frozen=True, slots=True)
class BaseUrl:
    """Where a redirect leads: scheme ("" keeps the request's), host, port (None: that of the scheme)."""

    scheme: Literal["", "http", "https"]
    host: str
    port: int | None = None
    query: str = ""
    fragment: str = ""


@dataclass(frozen=True, slots=True)
class RedirectSettings:
    """Answer with a Location. At least one of `base_url` and the pair of regexp and replacement is there.

    `path_regexp` is replaced wherever it is found in the path by `replace_path`, in which $1 or ${1} stands
    for a group and $$ for a dollar sign. Where it is not found the answer is 404.
    """

    base_url: BaseUrl | None
    path_regexp: re.Pattern[str] | None
    replace_path: str
    status_code: int = 308


@dataclass(frozen=True, slots=True)
class Backend:
    """One server that requests are forwarded to, over TCP or a unix socket.

    `base_path` is still percent-encoded and "" for a URL without path; `query` goes before the request's own.
    """

    url: str
    """As configured, for logs and people."""
    tls: bool
    host: str
    """A name or IP literal without brackets; what a certificate must be for. "localhost" for unix sockets."""
    port: int
    base_path: str = ""
    query: str = ""
    unix_socket: str = ""
    """Path of the socket; "" for TCP."""


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """How backends are found to be well: a GET for `path` every so many seconds."""

    path: str
    seconds: float = DEFAULT_HEALTH_SECONDS
    status: int = 0
    """Of the answer; 0: any below 400."""


@dataclass(frozen=True, slots=True)
class ForwardSettings:
    """Pass requests on. `strip_path` removes exactly what the handler's path regexp matched."""

    backends: tuple[Backend, ...]
    strip_path: bool = False
    response_headers: Headers = ()
    connect_seconds: float = DEFAULT_CONNECT_SECONDS
    response_seconds: float = DEFAULT_RESPONSE_SECONDS
    """From the end of the request until the head of the answer; between two pieces of a body as well."""
    health: HealthCheck | None = None


@dataclass(frozen=True, slots=True)
class InternalSettings:
    """One of the program's own services at another host or path. `base_path` begins and ends with "/"."""

    service: ServiceName
    base_path: str


HandlerSettings: TypeAlias = StaticSettings | RedirectSettings | ForwardSettings | InternalSettings


@dataclass(frozen=True, slots=True)
class BasicAuth:
    """Who may come in: a verifier of each user's password (webserver.passwords), by user name."""

    verifiers: Mapping[str, str] = field(repr=False)
    realm: str = "Restricted"


@dataclass(frozen=True, slots=True)
class Handler:
    """One entry of the list of web handlers. `id` stays the same when others move; `name` labels metrics."""

    id: int
    name: str
    domain: str
    """A host, or "*." and a domain for every name of one more label, as in certificates."""
    path: re.Pattern[str]
    """To be used with `match`, so that it holds at the start of the path whatever its alternatives are."""
    settings: HandlerSettings
    dont_redirect_plain_http: bool = False
    compress: bool = False
    basic_auth: BasicAuth | None = None
    allow_networks: tuple[Network, ...] = ()
    """Other clients get 403; empty lets everyone in."""
    rate_per_minute: int = 0
    """Requests of one client address (IPv6: /64) a minute; 0 is without limit."""


_NO_HANDLERS: Final[tuple[Handler, ...]] = ()


@dataclass(frozen=True, slots=True)
class WebSnapshot:
    """All of the web configuration at one moment. Made by `web_snapshot`, which builds the index by host."""

    redirects: Mapping[str, str]
    """From host to host: 308 to https there, before any handler."""
    handlers: tuple[Handler, ...]
    """Those that are switched on, in their order."""
    own_hosts: frozenset[str]
    """Hosts of account and admin pages, beside all IP literals; there those pages come first."""
    mail_domains: frozenset[str]
    """Hosted domains: autoconfig.DOMAIN and mta-sts.DOMAIN belong to the system."""
    _by_host: Mapping[str, tuple[Handler, ...]] = field(repr=False)
    _by_parent: Mapping[str, tuple[Handler, ...]] = field(repr=False)

    def handlers_of(self, host: str) -> tuple[Handler, ...]:
        """The handlers whose domain matches this host, in their order."""
        found = self._by_host.get(host)
        if found is None:
            found = self._by_parent.get(host.partition(".")[2], _NO_HANDLERS)
        return found

    @property
    def hosts(self) -> frozenset[str]:
        """All names and "*." patterns that redirects and handlers are for; certificates need them."""
        return frozenset(self.redirects) | {handler.domain for handler in self.handlers}


def web_snapshot(
    redirects: Mapping[str, str],
    handlers: tuple[Handler, ...],
    own_hosts: frozenset[str] = frozenset({"localhost"}),
    mail_domains: frozenset[str] = frozenset(),
) -> WebSnapshot:
    """The snapshot of these values, with its index."""
    parents = {handler.domain[2:] for handler in handlers if handler.domain.startswith("*.")}
    exact = {handler.domain for handler in handlers if not handler.domain.startswith("*.")}
    by_parent = {parent: _with_domains(handlers, {"*." + parent}) for parent in parents}
    by_host = {host: _with_domains(handlers, {host, "*." + host.partition(".")[2]}) for host in exact}
    return WebSnapshot(
        MappingProxyType(dict(redirects)),
        handlers,
        own_hosts,
        mail_domains,
        MappingProxyType(by_host),
        MappingProxyType(by_parent),
    )


def _with_domains(handlers: tuple[Handler, ...], domains: set[str]) -> tuple[Handler, ...]:
    return tuple(handler for handler in handlers if handler.domain in domains)
