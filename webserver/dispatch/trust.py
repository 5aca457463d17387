"""Whom a request really comes from, when proxies in front of us are trusted."""

import ipaddress
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from webserver.edge.exchange import Exchange
from webserver.routing.values import Network

_MOST_HOPS: Final = 50


class TrustedProxies:
    """The networks whose forwarding fields are believed. Nobody else can tell us anything about a client."""

    def __init__(self, networks: Sequence[Network]) -> None:
        self._networks = tuple(networks)
        self._is_trusted = lru_cache(maxsize=4096)(self._contains)

    def apply(self, exchange: Exchange) -> None:
        """Put client, scheme and host of the client's request into the exchange.

        X-Forwarded-For is read from its end, where the proxy next to us has written, as long as who wrote is
        trusted: what the client has put before that is not believed.
        """
        if not self.trusts(exchange.peer):
            return
        head = exchange.head
        hops = b",".join(head.all(b"x-forwarded-for")).split(b",")
        told = [hop.strip().decode("latin-1") for hop in hops[-_MOST_HOPS:]]
        believed = [exchange.peer]
        client = exchange.peer
        while told and self._is_trusted(client):
            before = _address(told.pop())
            if not before:
                break
            client = before
            believed.insert(0, client)
        exchange.client = client
        exchange.forwarded_for = ", ".join(believed).encode()
        scheme = (head.get(b"x-forwarded-proto") or b"").strip().lower()
        if scheme == b"https":
            exchange.scheme = "https"
        elif scheme == b"http":
            exchange.scheme = "http"
        host = head.get(b"x-forwarded-host")
        if host is not None:
            exchange.forwarded_host = host

    def trusts(self, address: str) -> bool:
        """Whether what connects from there speaks for others."""
        return bool(self._networks) and self._is_trusted(address)

    def _contains(self, address: str) -> bool:
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return False
        ip = getattr(ip, "ipv4_mapped", None) or ip
        return any(ip in network for network in self._networks if network.version == ip.version)


def _address(text: str) -> str:
    """The address, also with a port as some proxies write it; "" for what is none."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""
