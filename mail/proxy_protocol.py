"""The header by which a proxy says whom it speaks for: PROXY protocol, versions 1 and 2. Pure.

Described in https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt.
"""

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 16 + 4096
"""Bytes of a header that are read: addresses and what some proxies add."""

_LONGEST_LINE: Final = 107
_SIGNATURE: Final = b"\r\n\r\n\0\r\nQUIT\n"
_LINE: Final = re.compile(
    rb"PROXY TCP([46]) ([0-9a-fA-F:.]+) ([0-9a-fA-F:.]+) (0|[1-9]\d{0,4}) (0|[1-9]\d{0,4})\r\n"
)
_UNKNOWN: Final = re.compile(rb"PROXY UNKNOWN(?: [^\r\n]*)?\r\n")
_LOCAL, _PROXY = 0, 1
_INET, _INET6, _STREAM, _DATAGRAM = 1, 2, 1, 2
_ADDRESS_BYTES: Final = {_INET: 4, _INET6: 16}


class BrokenHeader(ValueError):
    """What a proxy sends is no header. The text is for the log."""


@dataclass(frozen=True, slots=True)
class ProxiedAddresses:
    """Who connected to the proxy, and where."""

    remote_address: str
    remote_port: int
    local_address: str
    local_port: int


def header_size(data: bytes) -> int:
    """How many of these bytes, the first of a connection, are the header; 0 while more of it must come.

    Raises BrokenHeader as soon as they can't become one.
    """
    if data[:12] == _SIGNATURE[: len(data)]:
        if len(data) < 16:
            return 0
        size = 16 + int.from_bytes(data[14:16], "big")
        if size > LONGEST:
            raise BrokenHeader("header too long")
        return size if len(data) >= size else 0
    if data[:6] != b"PROXY "[: len(data)]:
        raise BrokenHeader("no header")
    end = data.find(b"\n") + 1
    if end > _LONGEST_LINE or (not end and len(data) >= _LONGEST_LINE):
        raise BrokenHeader("line too long")
    return end


def read_header(header: bytes) -> ProxiedAddresses | None:
    """The addresses of a whole header; None when the proxy speaks for itself, or of other than IP.

    Raises BrokenHeader.
    """
    if header.startswith(_SIGNATURE):
        return _read_version_2(header)
    match = _LINE.fullmatch(header)
    if match is None:
        if _UNKNOWN.fullmatch(header):
            return None
        raise BrokenHeader(f"unreadable line {header!r}")
    version = 4 if match[1] == b"4" else 6
    remote, local = _address(match[2], version), _address(match[3], version)
    remote_port, local_port = int(match[4]), int(match[5])
    if max(remote_port, local_port) > 65_535:
        raise BrokenHeader("no such port")
    return ProxiedAddresses(remote, remote_port, local, local_port)


def _address(text: bytes, version: int) -> str:
    try:
        address = ipaddress.ip_address(text.decode("ascii"))
    except ValueError:
        raise BrokenHeader(f"{text!r} is no address") from None
    if address.version != version:
        raise BrokenHeader(f"{text!r} is of the other family")
    return str(address)


def _read_version_2(header: bytes) -> ProxiedAddresses | None:
    version, command = divmod(header[12], 16)
    family, transport = divmod(header[13], 16)
    if version != 2 or command not in (_LOCAL, _PROXY):
        raise BrokenHeader("unknown version or command")
    if command == _LOCAL:
        return None
    if transport == _DATAGRAM:
        raise BrokenHeader("not about TCP")
    size = _ADDRESS_BYTES.get(family)
    if size is None or transport != _STREAM:
        return None
    found = header[16:]
    if len(found) < 2 * size + 4:
        raise BrokenHeader("addresses too short")
    ports = found[2 * size :]
    return ProxiedAddresses(
        str(ipaddress.ip_address(found[:size])),
        int.from_bytes(ports[:2], "big"),
        str(ipaddress.ip_address(found[size : 2 * size])),
        int.from_bytes(ports[2:4], "big"),
    )
