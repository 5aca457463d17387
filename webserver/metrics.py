"""What the web server counts. docs/metrics.md is made from these definitions."""

from typing import Final

from mail.metrics.registry import counter, gauge, histogram

_SECONDS: Final = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0)
_LABELS: Final = ("handler", "proto", "method", "code")
_MEANING: Final = (
    "handler is the name of the web handler, of the service, or a word in parentheses for what the server "
    "answers by itself; proto one of http, https, ws, wss; method the request's in lower case, (other) for "
    "unknown ones; code the status, (gone) when the client left before there was one."
)

REQUEST_SECONDS: Final = histogram(
    "moxsite_http_request_duration_seconds",
    "From the head of a request until the head of its answer is written. " + _MEANING,
    _LABELS,
    _SECONDS,
)
RESPONSE_SECONDS: Final = histogram(
    "moxsite_http_response_duration_seconds",
    "From the head of a request until its answer is complete, or a tunnel closed. " + _MEANING,
    _LABELS,
    _SECONDS,
)
BYTES: Final = counter(
    "moxsite_http_bytes_total",
    "Bytes of content, and through tunnels when they close: received from clients, sent to clients.",
    ("handler", "direction"),
)
TUNNELS: Final = counter(
    "moxsite_websocket_tunnels_total", "Websockets that were forwarded, counted when they open.", ("handler",)
)
OPEN_TUNNELS: Final = gauge(
    "moxsite_websocket_tunnels", "Websockets that are being forwarded now.", ("handler",)
)
HTTP2_REQUESTS: Final = counter(
    "moxsite_http2_requests_total", "Requests that came by HTTP/2. They are in all the other figures too."
)
HTTP2_CONNECTIONS: Final = gauge("moxsite_http2_connections", "Open connections that speak HTTP/2.")
HTTP2_ENDED: Final = counter(
    "moxsite_http2_connections_ended_total",
    "HTTP/2 connections ended for what the client sent; reason is flood (frames of no use) or protocol.",
    ("reason",),
)
BACKEND_CHECKS: Final = counter(
    "moxsite_backend_checks_total",
    "Health checks of backends of forward handlers. result is passed or failed.",
    ("backend", "result"),
)
UNWELL_BACKENDS: Final = gauge(
    "moxsite_backend_unwell",
    "Edge processes that find a backend unwell by its health checks; 0 where all is well.",
    ("backend",),
)
LOST_LINES: Final = counter(
    "moxsite_access_log_lost_lines_total",
    "Lines of the access log that were dropped because standard error was not read.",
)
