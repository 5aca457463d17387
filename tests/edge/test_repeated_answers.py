"""The head of an answer is remembered for those that are alike, and for no others."""

from email.utils import parsedate_to_datetime

import pytest

from mail import clock
from webserver.edge.answers import BrokenField, KnownFields, response_head
from webserver.edge.exchange import Exchange
from webserver.edge.field_section import FieldSection
from webserver.edge.head import RequestHead
from webserver.edge.request_line import RequestLine


class Connection:
    scheme = "http"
    peer = "192.0.2.1"
    peer_bytes = b"192.0.2.1"


def exchange(version: int = 1) -> Exchange:
    section = FieldSection([])
    return Exchange(Connection(), RequestHead(RequestLine(b"GET", b"/"), version, section))  # type: ignore[arg-type]


def test_status_length_and_connection_are_those_of_each_answer() -> None:
    fields = KnownFields([(b"Date", b"x"), (b"A", b"b")])
    rest = b"Date: x\r\nA: b\r\nContent-Length: "
    for status, line in ((200, b"200 OK"), (206, b"206 Partial Content"), (799, b"799 ")):
        for length in (5, 0, 5):
            expected = b"HTTP/1.1 %b\r\n%b%d\r\n" % (line, rest, length)
            assert response_head(exchange(), status, fields, length) == expected + b"\r\n"
            closing = exchange()
            closing.close_after = True
            said = response_head(closing, status, fields, length)
            assert said == expected + b"Connection: close\r\n\r\n"
            said = response_head(exchange(version=0), status, fields, length)
            assert said == expected + b"Connection: keep-alive\r\n\r\n"
    assert b"Content-Length" not in response_head(exchange(), 304, fields, None)


def test_the_date_is_that_of_the_answer() -> None:
    fields = KnownFields([(b"A", b"b")])
    for _ in range(3):
        head = response_head(exchange(), 200, fields, 1).decode()
        (date,) = [line[6:] for line in head.split("\r\n") if line.startswith("Date: ")]
        assert abs(parsedate_to_datetime(date).timestamp() - clock.now() / clock.SECOND) < 10
        clock.advance(clock.HOUR)


def test_fields_that_would_be_two_stay_refused() -> None:
    fields = KnownFields([(b"A", b"b\r\nC: d")])
    for _ in range(2):
        with pytest.raises(BrokenField):
            response_head(exchange(), 200, fields, 1)
