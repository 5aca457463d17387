"""One exchange as a line of the access log."""

import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final, TypeAlias

from mail import clock
from mail.log.escape import as_text, quoted
from webserver.edge.exchange import Exchange

Value: TypeAlias = str | int | float | bool
LineOf: TypeAlias = Callable[[Exchange], str]

PACKAGE: Final = "webserver.access"
LONGEST: Final = 1024
"""Characters of one value from a client that are logged; there are several in a line."""


def _fields(exchange: Exchange, text: Callable[[bytes], str], word: Callable[[str], str]) -> dict[str, Value]:
    """What is logged, in this order. Sizes in bytes, the duration in seconds until the end.

    `text` makes a value of what the client has sent, `word` of what we know ourselves.
    """
    head = exchange.head
    fields: dict[str, Value] = {
        "handler": word(exchange.handler),
        "method": text(head.method),
        "url": text(head.target),
        "host": text(head.host),
        "duration": round(exchange.ended - exchange.started, 6),
        "statuscode": exchange.status,
        "proto": protocol(exchange, exchange.is_websocket),
        "remoteaddr": exchange.peer,
        "tlsinfo": exchange.tls_version or "plain",
    }
    if exchange.http_version:
        fields["httpversion"] = exchange.http_version
    for name, value in head.fields:
        if len(name) == 10 and name.lower() == b"user-agent":
            fields["useragent"] = text(value)
        elif len(name) == 7 and name.lower() == b"referer":
            fields["referer"] = text(value)
    if exchange.client != exchange.peer:
        fields["clientip"] = word(exchange.client)
    if exchange.websocket_request:
        fields["websocketrequest"] = True
        fields["websocket"] = exchange.is_websocket
    if exchange.is_websocket:
        fields["sizetoclient"] = exchange.bytes_out
        fields["sizefromclient"] = exchange.bytes_in
    else:
        fields["size"] = exchange.bytes_out
        if exchange.uncompressed_bytes:
            fields["uncompressedsize"] = exchange.uncompressed_bytes
    if exchange.has_id:
        fields["request"] = exchange.id
    if exchange.error:
        fields["error"] = word(exchange.error)
    return fields


def protocol(exchange: Exchange, is_websocket: bool) -> str:
    """http, https, ws or wss."""
    if is_websocket:
        return "wss" if exchange.scheme == "https" else "ws"
    return exchange.scheme


def logfmt_line(exchange: Exchange) -> str:
    """key=value pairs."""
    parts = [f"time={_time()} level=info pkg={PACKAGE} msg=request"]
    for name, value in _fields(exchange, _quoted_text, _quoted).items():
        if value is True or value is False:
            value = "true" if value else "false"
        parts.append(f"{name}={value}")
    return " ".join(parts) + "\n"


def json_line(exchange: Exchange) -> str:
    """One JSON object."""
    fixed = {"time": _time(), "level": "info", "pkg": PACKAGE, "msg": "request"}
    line = json.dumps({**fixed, **_fields(exchange, _text, str)})
    return line.replace("\x7f", "\\u007f") + "\n"


FORMATS: Final[dict[str, LineOf]] = {"logfmt": logfmt_line, "json": json_line}
"""By the value of MOXSITE_LOG_FORMAT."""


def _text(value: bytes) -> str:
    text = as_text(value[: LONGEST + 1])
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


_PLAIN: Final = re.compile(rb"[!#-<>-\x5b\x5d-~]+")


def _quoted_text(value: bytes) -> str:
    if len(value) <= LONGEST and _PLAIN.fullmatch(value):
        return value.decode("ascii")
    return _escaped(value[: LONGEST + 1])


@lru_cache(maxsize=1024)
def _escaped(value: bytes) -> str:
    """Most requests come from browsers of a few kinds."""
    return quoted(_text(value))


_quoted = lru_cache(maxsize=1024)(quoted)


def _time() -> str:
    now = clock.now() // 1000
    return f"{_second(now // 1000)}.{now % 1000:03d}Z"


@lru_cache(maxsize=2)
def _second(seconds: int) -> str:
    return clock.as_datetime(seconds * clock.SECOND).strftime("%Y-%m-%dT%H:%M:%S")
