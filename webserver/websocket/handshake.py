"""The opening handshake of a websocket (RFC 6455 section 4), checked by a proxy that stands in between.

Names of headers come in any case, as they were sent. Pure functions on bytes.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

Headers: TypeAlias = Sequence[tuple[bytes, bytes]]

VERSION: Final = b"13"
_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_KEY_BYTES: Final = 16


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
    return http_version != "1.0" and b"websocket" in tokens(headers, b"upgrade")


def check_request(method: str, headers: Headers) -> bytes:
    """The client's key, when section 4.2.1 is kept to. Raises HandshakeError with 400."""
    if values(headers, b"sec-websocket-version") != [VERSION]:
        raise HandshakeError(
            400,
            "This is no handshake of websocket version 13.",
            headers=((b"Sec-WebSocket-Version", VERSION),),
        )
    if method != "GET":
        raise HandshakeError(400, "A websocket is asked for with the method GET.", cause=f"method {method}")
    connection = set(tokens(headers, b"connection"))
    if b"upgrade" not in connection:
        raise HandshakeError(400, "The header Connection must name Upgrade for a websocket.")
    if any(name.startswith(b"sec-websocket-") for name in connection):
        # A proxy removes what Connection names; the backend could only refuse the rest.
        raise HandshakeError(400, "The header Connection must not name headers of the websocket.")
    if values(headers, b"transfer-encoding") or values(headers, b"content-length") not in ([], [b"0"]):
        raise HandshakeError(400, "A request for a websocket has no body.")
    keys = values(headers, b"sec-websocket-key")
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
    wrong = _what_is_wrong(key, request_headers, response_headers)
    if wrong:
        raise HandshakeError(400, "The server behind this address does not speak websocket.", cause=wrong)


def _what_is_wrong(key: bytes, asked: Headers, answered: Headers) -> str:
    if [value.lower() for value in values(answered, b"upgrade")] != [b"websocket"]:
        return "101 of the backend without “Upgrade: websocket”"
    if b"upgrade" not in tokens(answered, b"connection"):
        return "101 of the backend without “Connection: Upgrade”"
    if values(answered, b"sec-websocket-accept") != [accept_value(key)]:
        return "Sec-WebSocket-Accept of the backend does not belong to the key"
    chosen = values(answered, b"sec-websocket-protocol")
    offered = set(tokens(asked, b"sec-websocket-protocol", lower=False))
    if len(chosen) > 1 or not offered.issuperset(chosen):
        return "the backend chose a subprotocol that was not offered"
    extensions = set(_extension_names(answered))
    if not extensions.issubset(_extension_names(asked)):
        return "the backend uses an extension that was not offered"
    return ""


def values(headers: Headers, name: bytes) -> list[bytes]:
    """The values under a name, given in lower case, in the order of their lines."""
    return [value for other, value in headers if other.lower() == name]


def tokens(headers: Headers, name: bytes, *, lower: bool = True) -> list[bytes]:
    """The elements of a list header, over all its lines (RFC 9110 section 5.6.1)."""
    parts = (part.strip(b" \t") for value in values(headers, name) for part in value.split(b","))
    return [part.lower() if lower else part for part in parts if part]


def _extension_names(headers: Headers) -> Iterator[bytes]:
    for extension in tokens(headers, b"sec-websocket-extensions"):
        yield extension.partition(b";")[0].rstrip(b" \t")


def _is_key(value: bytes) -> bool:
    try:
        return len(base64.b64decode(value, validate=True)) == _KEY_BYTES
    except (binascii.Error, ValueError):
        return False
