"""Whether a handler of the right host takes a request, as far as that is known without looking at files."""

import enum
from ipaddress import ip_address

from webserver.routing.request import Client, Request
from webserver.routing.values import Handler


class Verdict(enum.Enum):
    """What a handler says about a request."""

    PATH_DIFFERS = enum.auto()
    """It declines."""
    TO_HTTPS = enum.auto()
    """It takes the request, to redirect it to https."""
    FORBIDDEN = enum.auto()
    """It takes the request, to refuse it: the client is in none of the networks. 403."""
    RUNS = enum.auto()
    """Password and rate are next, then its kind, which may still decline."""


def judge(handler: Handler, request: Request) -> Verdict:
    """The verdict of a handler whose domain matches. The regexp holds at the start of the path."""
    if handler.path.match(request.path.decoded) is None:
        return Verdict.PATH_DIFFERS
    if request.scheme == "http" and not handler.dont_redirect_plain_http:
        return Verdict.TO_HTTPS
    if handler.allow_networks and not is_allowed(handler, request.client):
        return Verdict.FORBIDDEN
    return Verdict.RUNS


def is_allowed(handler: Handler, client: Client | None) -> bool:
    """Whether the client is in one of the networks of the handler; IPv4 within IPv6 counts as IPv4."""
    if client is None:
        return False
    plain = getattr(client, "ipv4_mapped", None) or client
    return any(plain in network for network in handler.allow_networks if network.version == plain.version)


def client_address(text: str) -> Client | None:
    """An address as the socket gives it, with or without a zone; None for a unix socket."""
    try:
        return ip_address(text.partition("%")[0])
    except ValueError:
        return None
