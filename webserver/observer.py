"""What is counted and logged when an exchange is over."""

import logging
from collections.abc import Callable
from typing import Final

from webserver.accesslog.lines import PACKAGE, LineOf, protocol
from webserver.edge.exchange import Exchange
from webserver.metrics import BYTES, HTTP2_REQUESTS, REQUEST_SECONDS, RESPONSE_SECONDS

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


class Observer:
    """Counts every exchange, and writes a line about it while the level of webserver.access is info."""

    def __init__(self, line_of: LineOf, write: Callable[[str], None]) -> None:
        self._line_of = line_of
        self._write = write

    def ended(self, exchange: Exchange) -> None:
        """The exchange is over."""
        handler = exchange.handler
        method = _METHODS.get(exchange.head.method, "(other)")
        code = str(exchange.status) if exchange.status else "(gone)"
        if exchange.headers_sent:
            proto = protocol(exchange, exchange.websocket_request)
            seconds = exchange.headers_sent - exchange.started
            REQUEST_SECONDS.observe(handler, proto, method, code, amount=seconds)
        if exchange.http_version:
            HTTP2_REQUESTS.add()
        if handler == RATE_LIMITED:
            return
        proto = protocol(exchange, exchange.is_websocket)
        seconds = exchange.ended - exchange.started
        RESPONSE_SECONDS.observe(handler, proto, method, code, amount=seconds)
        if exchange.bytes_in:
            BYTES.add(handler, "received", amount=exchange.bytes_in)
        if exchange.bytes_out:
            BYTES.add(handler, "sent", amount=exchange.bytes_out)
        if log.isEnabledFor(logging.INFO):
            self._write(self._line_of(exchange))
