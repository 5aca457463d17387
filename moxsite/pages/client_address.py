"""Where a request comes from, also behind proxies that are trusted."""

import ipaddress
from collections.abc import Sequence

from django.conf import settings
from django.http import HttpRequest

from moxsite.env import Network


def client_address(request: HttpRequest) -> str:
    """The IP address of the browser; empty when it came by a socket of this machine and no proxy tells.

    X-Forwarded-For is read from its end, where the proxy next to us has written, as long as who wrote is
    trusted: what the browser itself has put before that is not believed. On a socket of this machine only
    our own processes can write.
    """
    address = str(request.META.get("REMOTE_ADDR") or "")
    told = str(request.META.get("HTTP_X_FORWARDED_FOR") or "").split(",")
    while told and (not address or _is_trusted(address, settings.MOXSITE_TRUSTED_PROXIES)):
        before = told.pop().strip()
        if not _is_address(before):
            break
        address = before
    return address


def _is_trusted(address: str, networks: Sequence[Network]) -> bool:
    return any(ipaddress.ip_address(address) in network for network in networks)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
