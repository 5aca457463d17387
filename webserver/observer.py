"""What is counted and logged when an exchange is over."""

import logging
from collections.abc import Callable
from typing import Final

from mail.metrics.metric import Histogram, Series
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


_MOST_SERIES: Final = 1000

_Key = tuple[str, str, str, int]
"""Handler, protocol, method and status."""


class _KnownSeries(dict[_Key, Series]):
    """The series of a histogram that were in use lately."""

    def __init__(self, histogram: Histogram) -> None:
        self._histogram = histogram

    def __missing__(self, key: _Key) -> Series:
        if len(self) >= _MOST_SERIES:
            self.clear()
        handler, proto, method, status = key
        code = str(status) if status else "(gone)"
        found = self[key] = self._histogram.series(handler, proto, method, code)
        return found


class Observer:
    """Counts every exchange, and writes a line about it while the level of webserver.access is info."""

    def __init__(self, line_of: LineOf, write: Callable[[str], None]) -> None:
        self._line_of = line_of
        self._write = write
        self._requests = _KnownSeries(REQUEST_SECONDS)
        self._responses = _KnownSeries(RESPONSE_SECONDS)

    def ended(self, exchange: Exchange) -> None:
        """The exchange is over."""
        handler = exchange.handler
        method = _METHODS.get(exchange.head.method, "(other)")
        key = (handler, protocol(exchange, exchange.is_websocket), method, exchange.status)
        if exchange.headers_sent:
            asked = key
            if exchange.websocket_request:
                asked = (handler, protocol(exchange, True), method, exchange.status)
            self._requests[asked].observe(exchange.headers_sent - exchange.started)
        if exchange.http_version:
            HTTP2_REQUESTS.add()
        if handler == RATE_LIMITED:
            return
        self._responses[key].observe(exchange.ended - exchange.started)
        if exchange.bytes_in:
            BYTES.add(handler, "received", amount=exchange.bytes_in)
        if exchange.bytes_out:
            BYTES.add(handler, "sent", amount=exchange.bytes_out)
        if log.isEnabledFor(logging.INFO):
            self._write(self._line_of(exchange))
