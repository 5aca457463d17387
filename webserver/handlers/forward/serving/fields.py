"""Which fields go on to the next hop, and what is added (RFC 9110 section 7.6)."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from webserver.edge.exchange import Exchange
from webserver.edge.field_section import Field, FieldSection, tokens

_HOP_BY_HOP: Final = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
_ANSWERED_HERE: Final = frozenset({b"content-length", b"expect"})
"""Framing is made anew, and “100 Continue” is ours to say."""

_MOST_NAMES: Final = 2048
_requests: dict[bytes, bool] = {}


def request_fields(exchange: Exchange) -> list[Field]:
    """The fields for a backend, in the client's order and spelling, without those that tell it who asks.

    Those are set anew. What trusted proxies in front of us have written stays in them; what anybody else
    claims there is gone. Host stays as the client sent it.
    """
    return [
        *_passing(exchange.head.section),
        (b"X-Forwarded-For", exchange.forwarded_for),
        (b"X-Forwarded-Host", exchange.forwarded_host),
        (b"X-Forwarded-Proto", exchange.scheme.encode()),
    ]


class Onward(NamedTuple):
    """The target that a request line has at a backend."""

    service: object
    pool: object
    target: bytes


class PassedOn:
    """A head as it goes to one backend, but for who has sent it. It stays with the head, which repeats."""

    __slots__ = ("_begin", "_end", "made_for")

    def __init__(self, exchange: Exchange, target: bytes, more: bytes, made_for: tuple[object, ...]) -> None:
        """`more` are lines that the backend is told besides, `made_for` what all of it depends on."""
        head = exchange.head
        self.made_for = made_for
        lines = passing_lines(head.section)
        self._begin = b"%b %b HTTP/1.1\r\n%bX-Forwarded-For: " % (head.method, target, lines)
        if head.chunked:
            more += b"Transfer-Encoding: chunked\r\n"
        elif head.content_length or head.method in (b"POST", b"PUT", b"PATCH"):
            more += b"Content-Length: %d\r\n" % head.content_length
        self._end = b"\r\nX-Forwarded-Host: %b\r\nX-Forwarded-Proto: %b\r\n%b\r\n" % (
            exchange.forwarded_host,
            exchange.scheme.encode(),
            more,
        )

    def of(self, exchange: Exchange) -> bytes:
        """The whole of it."""
        return self._begin + exchange.forwarded_for + self._end


def as_lines(fields: Sequence[Field]) -> bytes:
    """Fields as lines."""
    return b"".join([b"%b: %b\r\n" % field for field in fields])


def passing_lines(section: FieldSection) -> bytes:
    """The lines of the fields that go on to a next hop."""
    if section.passing is None:
        section.passing = as_lines(_passing(section))
    return section.passing


def _passing(section: FieldSection) -> list[Field]:
    fields: list[Field] = []
    named: frozenset[bytes] = frozenset()
    known = _requests
    for field in section.fields:
        name = field[0]
        passes = known.get(name)
        if passes is None:
            passes = _learn(known, name, _is_for_backends(name.lower()))
        if passes:
            fields.append(field)
        elif len(name) == 10 and name.lower() == b"connection":
            named |= tokens(field[1])
    if named - {b"close", b"keep-alive", b"upgrade", b""}:
        fields = [field for field in fields if field[0].lower() not in named]
    return fields


def claims_forwarding(exchange: Exchange) -> bool:
    """Whether the request has fields that proxies write."""
    return any(_is_forwarding(name.lower()) for name, _ in exchange.head.fields)


def _is_for_backends(name: bytes) -> bool:
    if name in _HOP_BY_HOP or name in _ANSWERED_HERE:
        return False
    return not _is_forwarding(name)


def _is_forwarding(name: bytes) -> bool:
    # Applications behind CGI and WSGI read X_Forwarded_For as the same name.
    plain = name.replace(b"_", b"-")
    return plain in (b"forwarded", b"x-forwarded") or plain.startswith(b"x-forwarded-")


def _learn(known: dict[bytes, bool], name: bytes, passes: bool) -> bool:
    """Names are few, unless somebody makes them up."""
    if len(known) < _MOST_NAMES:
        known[name] = passes
    return passes
