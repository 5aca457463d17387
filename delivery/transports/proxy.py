"""A SOCKS5 proxy (RFC 1928), with or without a login (RFC 1929), and connections through it."""

import asyncio
import os
import socket
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address

from python_socks import ProxyConnectionError, ProxyError, ProxyType
from python_socks.async_.asyncio import Proxy as Socks

from delivery.smtp.client.connection import Connection
from delivery.smtp.client.failure import DeliveryFailure, Stage, local_failure
from delivery.smtp.client.transcript import Observer, Transcript
from mail.addresses.domain import normalise_domain

_NOT_REACHED = {
    2: "its rules do not allow this connection",
    3: "network unreachable",
    4: "host unreachable",
    5: "connection refused",
    6: "TTL expired",
    8: "it has no addresses of this family",
}
"""Replies about the server that was asked for (RFC 1928 section 6)."""

_LIBRARY_SECONDS = 86400.0
"""The library wants a limit of its own; ours ends first."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where the proxy is, how to log in there, and our EHLO name behind it ("": the usual one)."""

    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)
    ehlo_name: str = ""

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"the SOCKS proxy {host}:{self.port}"

    @property
    def ip(self) -> str:
        """The address of a proxy that is given by its address, "" for a name."""
        try:
            return str(ip_address(self.host))
        except ValueError:
            return ""


class ProxyFailure(DeliveryFailure):
    """The proxy does not work, whatever server is asked for. Always temporary."""


def parse_proxy_address(text: str) -> tuple[str, int]:
    """Host and port of "host:port", "192.0.2.1:port" or "[2001:db8::1]:port".

    Raises ValueError; its message begins with a verb.
    """
    host, colon, number = text.strip().rpartition(":")
    if not colon or not host:
        raise ValueError("must be host:port, such as 127.0.0.1:9050")
    if not (number.isascii() and number.isdigit() and len(number) <= 5 and 1 <= int(number) <= 65535):
        raise ValueError("must end in a port from 1 to 65535")
    return _parse_host(host), int(number)


def _parse_host(text: str) -> str:
    if text.startswith("[") and text.endswith("]"):
        try:
            ip = IPv6Address(text[1:-1])
        except ValueError:
            raise ValueError("has no IPv6 address between its brackets") from None
        if ip.scope_id is not None:
            raise ValueError("has an IPv6 address with a zone")
        return str(ip)
    if ":" in text:
        raise ValueError("needs brackets around the IPv6 address: [2001:db8::1]:1080")
    try:
        return str(ip_address(text))
    except ValueError:
        pass
    try:
        return normalise_domain(text)
    except ValueError as error:
        raise ValueError(f"has no host name before its port: {error}") from None


async def connect_through(
    proxy: Proxy, proxy_ip: str, ip: str, port: int, *, seconds: float, observer: Observer | None = None
) -> Connection:
    """Let the proxy, which has the address `proxy_ip`, connect to a server.

    Raises ProxyFailure when the proxy itself does not work, DeliveryFailure when it could not reach the
    server; both with stage connect.
    """
    if proxy.username and not proxy.password:
        raise proxy_failure(proxy, "needs the password of its user, which is not set")
    loop = asyncio.get_running_loop()
    wanted = f"{ip} port {port}"
    try:
        async with asyncio.timeout(seconds):
            opened = await _open(proxy, proxy_ip, ip, port)
            try:
                transcript = Transcript(f"{wanted} through {proxy}", observer)
                _, connection = await loop.create_connection(lambda: Connection(transcript), sock=opened)
            except BaseException:
                opened.close()
                raise
    except TimeoutError:
        text = f"{proxy} gave no connection to {wanted} within {seconds:.3g} s"
        raise _not_reached(ip, text) from None
    except ProxyConnectionError as error:
        reason = os.strerror(error.errno) if error.errno else "it does not answer"
        raise proxy_failure(proxy, f"can't be reached: {reason}") from error
    except ProxyError as error:
        raise _refused(proxy, ip, wanted, error) from error
    except (OSError, ValueError) as error:
        # A connection that breaks during the negotiation, and replies that are none.
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        raise proxy_failure(proxy, f"failed: {reason}") from error
    return connection


async def _open(proxy: Proxy, proxy_ip: str, ip: str, port: int) -> socket.socket:
    socks = Socks(
        ProxyType.SOCKS5,
        proxy_ip,
        proxy.port,
        username=proxy.username or None,
        password=proxy.password or None,
        rdns=True,  # what it is given is an address already; false would ask the system's resolver
    )
    return await socks.connect(ip, port, timeout=_LIBRARY_SECONDS)


def _refused(proxy: Proxy, ip: str, wanted: str, error: ProxyError) -> DeliveryFailure:
    code = error.error_code
    if code is None:
        reason = str(error) or "it closed the connection"
        return proxy_failure(proxy, f"refused us: {reason[:1].lower()}{reason[1:]}")
    if code in _NOT_REACHED:
        return _not_reached(ip, f"{proxy} could not reach {wanted}: {_NOT_REACHED[code]}")
    return _not_reached(ip, f"{proxy} failed for {wanted}: general failure, code {int(code)}")


def proxy_failure(proxy: Proxy, what: str) -> ProxyFailure:
    """The proxy "can't be reached", or whatever it is."""
    failure = local_failure(Stage.CONNECT, 451, "4.4.1", f"{proxy} {what}")
    return ProxyFailure(failure.stage, failure.public, remote=False)


def _not_reached(ip: str, text: str) -> DeliveryFailure:
    failure = local_failure(Stage.CONNECT, 451, "4.4.1", text)
    failure.ip = ip
    return failure
