"""One exchange as a line of the access log."""

import json
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


def fields_of(exchange: Exchange) -> dict[str, Value]:
    """What is logged, in this order. Sizes in bytes, the duration in seconds until the end."""
    head = exchange.head
    fields: dict[str, Value] = {
        "handler": exchange.handler,
        "method": _text(head.method),
        "url": _text(head.target),
        "host": _text(head.host),
        "duration": round(exchange.ended - exchange.started, 6),
        "statuscode": exchange.status,
        "proto": protocol(exchange, exchange.is_websocket),
        "remoteaddr": exchange.peer,
        "tlsinfo": exchange.tls_version or "plain",
    }
    if agent := head.get(b"user-agent"):
        fields["useragent"] = _text(agent)
    if referer := head.get(b"referer"):
        fields["referer"] = _text(referer)
    if exchange.client != exchange.peer:
        fields["clientip"] = exchange.client
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
        fields["error"] = exchange.error
    return fields


def protocol(exchange: Exchange, is_websocket: bool) -> str:
    """http, https, ws or wss."""
    if is_websocket:
        return "wss" if exchange.scheme == "https" else "ws"
    return exchange.scheme


def logfmt_line(exchange: Exchange) -> str:
    """key=value pairs."""
    parts = [f"time={_time()} level=info pkg={PACKAGE} msg=request"]
    for name, value in fields_of(exchange).items():
        if type(value) is str:
            parts.append(f"{name}={_quoted(value)}")
        elif value is True or value is False:
            parts.append(f"{name}={'true' if value else 'false'}")
        else:
            parts.append(f"{name}={value}")
    return " ".join(parts) + "\n"


def json_line(exchange: Exchange) -> str:
    """One JSON object."""
    fixed = {"time": _time(), "level": "info", "pkg": PACKAGE, "msg": "request"}
    line = json.dumps({**fixed, **fields_of(exchange)})
    return line.replace("\x7f", "\\u007f") + "\n"


FORMATS: Final[dict[str, LineOf]] = {"logfmt": logfmt_line, "json": json_line}
"""By the value of MOXSITE_LOG_FORMAT."""


def _text(value: bytes) -> str:
    text = as_text(value[: LONGEST + 1])
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


@lru_cache(maxsize=4096)
def _quoted(text: str) -> str:
    """Most lines have the host, the address and the browser of one before."""
    return quoted(text)


def _time() -> str:
    now = clock.now() // 1000
    return f"{_second(now // 1000)}.{now % 1000:03d}Z"


@lru_cache(maxsize=2)
def _second(seconds: int) -> str:
    return clock.as_datetime(seconds * clock.SECOND).strftime("%Y-%m-%dT%H:%M:%S")
