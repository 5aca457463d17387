"""A request made of what people type."""

import re
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlsplit

from webserver.routing.hosts import NO_HOST, Host, parse_host
from webserver.routing.paths import clean_path
from webserver.routing.request import DEFAULT_PORTS, Request, Scheme
from webserver.routing.verdicts import client_address

_METHOD: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER: Final = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*)")


class WrongQuestion(ValueError):
    """What was typed can't be asked about: the field is url, method, header or client."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def typed_request(
    url: str,
    method: str = "GET",
    headers: Sequence[str] = (),
    client: str = "",
    *,
    port_offset: int = 0,
) -> Request:
    """The request for a URL. A Host header counts instead of the URL’s host. Raises WrongQuestion."""
    if not url.isprintable() or len(url) > 8000:
        raise WrongQuestion("url", "This is no URL: it is too long or contains control characters.")
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
    except ValueError as error:
        raise WrongQuestion("url", f"This is no URL: {error}.") from None
    if parts.scheme not in DEFAULT_PORTS:
        raise WrongQuestion("url", "Give a URL that begins with https:// or http://.")
    if not _METHOD.fullmatch(method):
        raise WrongQuestion("method", "A method is a word such as GET or POST.")
    address = client_address(client) if client else None
    if client and address is None:
        raise WrongQuestion("client", f"“{client}” is no IP address.")
    scheme: Scheme = "https" if parts.scheme == "https" else "http"
    found = _headers(headers)
    authority = _authority(found.get("host", parts.netloc), DEFAULT_PORTS[scheme] + port_offset)
    return Request(method, scheme, authority, clean_path(parts.path), parts.query, address, found)


def _authority(text: str, own_port: int) -> Host:
    host = parse_host(text)
    if host == NO_HOST and text:
        raise WrongQuestion("url", f"“{text}” is no host with an optional port.")
    return Host(host.name, host.is_ip) if host.port == own_port else host


def _headers(lines: Sequence[str]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        match = _HEADER.fullmatch(line.strip())
        if match is None:
            raise WrongQuestion("header", f"“{line}” is no header: write Name: value.")
        found[match[1].lower()] = match[2]
    return found
