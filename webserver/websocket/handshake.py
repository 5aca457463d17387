"""The opening handshake of a websocket (RFC 6455 section 4), checked by a proxy that stands in between.

Names of headers come in any case, as they were sent. Pure functions on bytes.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

Headers: TypeAlias = Sequence[tuple[bytes, bytes]]
Named: TypeAlias = Mapping[bytes, Sequence[bytes]]
"""Values by names in lower case."""

VERSION: Final = b"13"
_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_KEY_BYTES: Final = 16
_NO_CONTENT: Final = [b"0"]


class HandshakeError(Exception):
    """A handshake that does not become a websocket, with the answer for the client.

    `text` is for everybody; `cause` says more and is for the log.
    """

    def __init__(self, status: int, text: str, *, cause: str = "", headers: Headers = ()) -> None:
        super().__init__(f"{status} {text}" + (f" ({cause})" if cause else ""))
        self.status = status
        self.text = text
        self.cause = cause or text
        self.headers = headers


def asks_for_websocket(http_version: str, headers: Headers) -> bool:
    """Whether this is a websocket handshake, right or wrong, and nothing but that may come of it.

    Upgrade is a list in any case of letters, and means nothing in HTTP/1.0 (RFC 9110 section 7.8).
    """
    return http_version != "1.0" and b"websocket" in tokens(by_name(headers), b"upgrade")


def check_request(method: str, headers: Headers) -> bytes:
    """The client's key, when section 4.2.1 is kept to. Raises HandshakeError with 400."""
    asked = by_name(headers)
    if asked.get(b"sec-websocket-version") != [VERSION]:
        raise HandshakeError(
            400,
            "This is no handshake of websocket version 13.",
            headers=((b"Sec-WebSocket-Version", VERSION),),
        )
    if method != "GET":
        raise HandshakeError(400, "A websocket is asked for with the method GET.", cause=f"method {method}")
    connection = set(tokens(asked, b"connection"))
    if b"upgrade" not in connection:
        raise HandshakeError(400, "The header Connection must name Upgrade for a websocket.")
    if any(name.startswith(b"sec-websocket-") for name in connection):
        # A proxy removes what Connection names; the backend could only refuse the rest.
        raise HandshakeError(400, "The header Connection must not name headers of the websocket.")
    if b"transfer-encoding" in asked or asked.get(b"content-length", _NO_CONTENT) != _NO_CONTENT:
        raise HandshakeError(400, "A request for a websocket has no body.")
    keys = asked.get(b"sec-websocket-key", ())
    if len(keys) != 1 or not _is_key(keys[0]):
        raise HandshakeError(400, "Sec-WebSocket-Key must be 16 bytes in base64, once.")
    return keys[0]


def accept_value(key: bytes) -> bytes:
    """What Sec-WebSocket-Accept must be for a key."""
    return base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())


def check_response(key: bytes, request_headers: Headers, response_headers: Headers) -> None:
    """Whether a response 101 accepts this very handshake (section 4.1, “the client MUST validate”).

    Raises HandshakeError with 400, whose cause says what was wrong.
    """
    wrong = _what_is_wrong(key, request_headers, by_name(response_headers))
    if wrong:
        raise HandshakeError(400, "The server behind this address does not speak websocket.", cause=wrong)


def _what_is_wrong(key: bytes, request_headers: Headers, answered: Named) -> str:
    if [value.lower() for value in answered.get(b"upgrade", ())] != [b"websocket"]:
        return "101 of the backend without “Upgrade: websocket”"
    if b"upgrade" not in tokens(answered, b"connection"):
        return "101 of the backend without “Connection: Upgrade”"
    if answered.get(b"sec-websocket-accept") != [accept_value(key)]:
        return "Sec-WebSocket-Accept of the backend does not belong to the key"
    chosen = answered.get(b"sec-websocket-protocol", ())
    extensions = set(_extension_names(answered))
    if not chosen and not extensions:
        return ""
    asked = by_name(request_headers)
    offered = set(tokens(asked, b"sec-websocket-protocol", lower=False))
    if len(chosen) > 1 or not offered.issuperset(chosen):
        return "the backend chose a subprotocol that was not offered"
    if not extensions.issubset(_extension_names(asked)):
        return "the backend uses an extension that was not offered"
    return ""


def by_name(headers: Headers) -> Named:
    """The values of all headers, in the order of their lines, by their names in lower case."""
    named: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        lower = name.lower()
        if lower in named:
            named[lower].append(value)
        else:
            named[lower] = [value]
    return named


def tokens(named: Named, name: bytes, *, lower: bool = True) -> list[bytes]:
    """The elements of a list header, over all its lines (RFC 9110 section 5.6.1)."""
    value = b",".join(named.get(name, ()))
    parts = [part.strip(b" \t") for part in (value.lower() if lower else value).split(b",")]
    return [part for part in parts if part]


def _extension_names(named: Named) -> Iterator[bytes]:
    for extension in tokens(named, b"sec-websocket-extensions"):
        yield extension.partition(b";")[0].rstrip(b" \t")


def _is_key(value: bytes) -> bool:
    try:
        return len(base64.b64decode(value, validate=True)) == _KEY_BYTES
    except (binascii.Error, ValueError):
        return False
