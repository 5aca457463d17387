"""What is counted and logged when an exchange is over."""

import logging
from collections.abc import Callable
from typing import Final

from mail.metrics.metric import Series
from webserver.accesslog.lines import PACKAGE, LineOf, protocol
from webserver.edge.exchange import Exchange
from webserver.metrics import BYTES, HTTP2_REQUESTS, REQUEST_SECONDS, RESPONSE_SECONDS
from webserver.routing.request import Scheme

log = logging.getLogger(PACKAGE)

RATE_LIMITED: Final = "(ratelimited)"
"""Handler of requests that are over their client's limit. Lines about them would help to fill a disk."""

_METHODS: Final = {
    name.encode(): name.lower()
    for name in ("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH")
} | {
    name.encode(): name.lower()
    for name in ("PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "REPORT", "SEARCH")
}


_MOST_KEPT: Final = 1000

_Kind = tuple[str, Scheme, bytes, int]
"""Handler, scheme, method and status."""


class _Answered(dict[_Kind, tuple[Series, Series]]):
    """Where the times of ordinary exchanges are noted, until their heads and their ends: kinds of late."""

    def __missing__(self, kind: _Kind) -> tuple[Series, Series]:
        if len(self) >= _MOST_KEPT:
            self.clear()
        handler, scheme, method, status = kind
        labels = (handler, scheme, _method(method), str(status))
        found = self[kind] = (REQUEST_SECONDS.series(*labels), RESPONSE_SECONDS.series(*labels))
        return found


class Observer:
    """Counts every exchange, and writes a line about it while the level of webserver.access is info."""

    def __init__(self, line_of: LineOf, write: Callable[[str], None]) -> None:
        self._line_of = line_of
        self._write = write
        self._answered = _Answered()

    def ended(self, exchange: Exchange) -> None:
        """The exchange is over."""
        handler = exchange.handler
        if exchange.http_version:
            HTTP2_REQUESTS.add()
        if not exchange.headers_sent or exchange.websocket_request or handler == RATE_LIMITED:
            _count_unusual(exchange)
            if handler == RATE_LIMITED:
                return
        else:
            kind = (handler, exchange.scheme, exchange.head.method, exchange.status)
            requests, responses = self._answered[kind]
            requests.observe(exchange.headers_sent - exchange.started)
            responses.observe(exchange.ended - exchange.started)
        if exchange.bytes_in:
            BYTES.add(handler, "received", amount=exchange.bytes_in)
        if exchange.bytes_out:
            BYTES.add(handler, "sent", amount=exchange.bytes_out)
        if log.isEnabledFor(logging.INFO):
            self._write(self._line_of(exchange))


def _count_unusual(exchange: Exchange) -> None:
    """One that asked for a websocket, got no answer, or was held back."""
    handler, method = exchange.handler, _method(exchange.head.method)
    code = str(exchange.status) if exchange.status else "(gone)"
    if exchange.headers_sent:
        asked = protocol(exchange, exchange.websocket_request)
        seconds = exchange.headers_sent - exchange.started
        REQUEST_SECONDS.observe(handler, asked, method, code, amount=seconds)
    if handler != RATE_LIMITED:
        proto = protocol(exchange, exchange.is_websocket)
        seconds = exchange.ended - exchange.started
        RESPONSE_SECONDS.observe(handler, proto, method, code, amount=seconds)


def _method(method: bytes) -> str:
    return _METHODS.get(method, "(other)")
