"""One exchange as a line of the access log."""

import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final, TypeAlias

from mail import clock
from mail.log.escape import as_text, quoted
from mail.log.times import log_time
from webserver.edge.exchange import Exchange
from webserver.edge.field_section import FieldSection
from webserver.edge.head import RequestHead

Value: TypeAlias = str | int | float | bool
LineOf: TypeAlias = Callable[[Exchange], str]
Text: TypeAlias = Callable[[bytes], str]
"""Makes a value of what a client has sent."""
Word: TypeAlias = Callable[[str], str]
"""Makes a value of what we know ourselves."""

PACKAGE: Final = "webserver.access"
LONGEST: Final = 1024
"""Characters of one value from a client that are logged; there are several in a line."""


def _of_request(head: RequestHead, text: Text) -> dict[str, Value]:
    return {"method": text(head.method), "url": text(head.target), "host": text(head.host)}


def _of_program(section: FieldSection, text: Text) -> dict[str, Value]:
    """What the client says of itself."""
    fields: dict[str, Value] = {}
    for name, value in section.fields:
        if len(name) == 10 and name.lower() == b"user-agent":
            fields["useragent"] = text(value)
        elif len(name) == 7 and name.lower() == b"referer":
            fields["referer"] = text(value)
    return fields


def _sizes(exchange: Exchange) -> dict[str, Value]:
    """In bytes."""
    if exchange.is_websocket:
        return {"sizetoclient": exchange.bytes_out, "sizefromclient": exchange.bytes_in}
    return {"size": exchange.bytes_out}


def _seldom(exchange: Exchange, word: Word) -> dict[str, Value]:
    """What is only sometimes known."""
    fields: dict[str, Value] = {}
    if exchange.uncompressed_bytes:
        fields["uncompressedsize"] = exchange.uncompressed_bytes
    if exchange.http_version:
        fields["httpversion"] = exchange.http_version
    if exchange.client != exchange.peer:
        fields["clientip"] = word(exchange.client)
    if exchange.websocket_request:
        fields["websocketrequest"] = True
        fields["websocket"] = exchange.is_websocket
    if exchange.has_id:
        fields["request"] = exchange.id
    if exchange.error:
        fields["error"] = word(exchange.error)
    return fields


def _time(exchange: Exchange) -> str:
    """When it was over; its line is made later."""
    return _log_time(int(exchange.ended * 1000))


@lru_cache(maxsize=8)
def _log_time(milliseconds: int) -> str:
    """Of `clock.monotonic`."""
    return log_time(clock.now() - (int(clock.monotonic() * 1000) - milliseconds) * 1000)


def protocol(exchange: Exchange, is_websocket: bool) -> str:
    """http, https, ws or wss."""
    if is_websocket:
        return "wss" if exchange.scheme == "https" else "ws"
    return exchange.scheme


def logfmt_line(exchange: Exchange) -> str:
    """key=value pairs. The duration is in seconds until the end."""
    head = exchange.head
    request = head.line.logged or _told_request(head)
    program = head.section.logged
    if program is None:
        program = head.section.logged = _pairs(_of_program(head.section, _quoted_text))
    sizes = _pairs(_sizes(exchange)) if exchange.is_websocket else f" size={exchange.bytes_out}"
    seldom = _seldom(exchange, _quoted)
    duration = "%.6f" % (exchange.ended - exchange.started)  # in half the time of an f-string's format
    return (
        f"time={_time(exchange)} level=info pkg={PACKAGE} msg=request"
        f" handler={_quoted(exchange.handler)}{request}"
        f" duration={duration} statuscode={exchange.status}"
        f" proto={protocol(exchange, exchange.is_websocket)} remoteaddr={exchange.peer}"
        f" tlsinfo={exchange.tls_version or 'plain'}{program}{sizes}{_pairs(seldom) if seldom else ''}\n"
    )


def _told_request(head: RequestHead) -> str:
    """What its first line and its host tell; it stays with the line, which clients repeat."""
    told = head.line.logged = _pairs(_of_request(head, _quoted_text))
    return told


def _pairs(fields: dict[str, Value]) -> str:
    """Each with a blank in front."""
    text = ""
    for name, value in fields.items():
        if value is True or value is False:
            value = "true" if value else "false"
        text += f" {name}={value}"
    return text


def json_line(exchange: Exchange) -> str:
    """One JSON object."""
    head = exchange.head
    fields: dict[str, Value] = {
        "time": _time(exchange),
        "level": "info",
        "pkg": PACKAGE,
        "msg": "request",
        "handler": exchange.handler,
        **_of_request(head, _text),
        "duration": round(exchange.ended - exchange.started, 6),
        "statuscode": exchange.status,
        "proto": protocol(exchange, exchange.is_websocket),
        "remoteaddr": exchange.peer,
        "tlsinfo": exchange.tls_version or "plain",
        **_of_program(head.section, _text),
        **_sizes(exchange),
        **_seldom(exchange, str),
    }
    return json.dumps(fields).replace("\x7f", "\\u007f") + "\n"


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
