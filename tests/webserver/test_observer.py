"""Under which labels exchanges are counted, and which are logged."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from mail.metrics.metric import Histogram
from webserver.edge.exchange import Exchange
from webserver.edge.field_section import FieldSection
from webserver.edge.head import RequestHead
from webserver.edge.request_line import RequestLine
from webserver.metrics import BYTES, REQUEST_SECONDS, RESPONSE_SECONDS
from webserver.observer import RATE_LIMITED, Observer

ACCESS = logging.getLogger("webserver.access")


class Connection:
    """Of an exchange that has ended."""

    scheme = "https"
    peer = "192.0.2.1"
    peer_bytes = b"192.0.2.1"
    tls_version = "TLSv1.3"


def exchange(handler: str, method: bytes = b"GET", **known: Any) -> Exchange:
    made = Exchange(Connection(), RequestHead(RequestLine(method, b"/"), 1, FieldSection([])))  # type: ignore[arg-type]
    made.handler, made.status = handler, 200
    made.headers_sent, made.ended = made.started + 0.002, made.started + 0.5
    for name, value in known.items():
        setattr(made, name, value)
    return made


@pytest.fixture
def lines() -> Iterator[list[str]]:
    before = ACCESS.level
    ACCESS.setLevel(logging.INFO)
    yield []
    ACCESS.setLevel(before)


def observed(lines: list[str], *exchanges: Exchange) -> None:
    observer = Observer(lambda ended: ended.handler, lines.append)
    for each in exchanges:
        observer.ended(each)


def counted(histogram: Histogram, handler: str) -> dict[tuple[str, ...], float]:
    """How many under which protocol, method and status."""
    found = {}
    for labels, cell in histogram.samples():
        assert isinstance(cell, list)
        if labels[0] == handler:
            found[labels[1:]] = sum(cell[:-1])
    return found


def test_requests_are_counted_by_protocol_method_and_status(lines: list[str]) -> None:
    several = [exchange("one", b"GET"), exchange("one", b"GET"), exchange("one", b"BREW", status=405)]
    observed(lines, *several, exchange("one", scheme="http"))
    for histogram in (REQUEST_SECONDS, RESPONSE_SECONDS):
        assert counted(histogram, "one") == {
            ("https", "get", "200"): 2,
            ("https", "(other)", "405"): 1,
            ("http", "get", "200"): 1,
        }
    assert lines == ["one"] * 4


def test_the_times_are_those_until_the_head_and_until_the_end(lines: list[str]) -> None:
    observed(lines, exchange("timed"))
    for histogram, seconds in ((REQUEST_SECONDS, 0.002), (RESPONSE_SECONDS, 0.5)):
        ((_, cell),) = [sample for sample in histogram.samples() if sample[0][0] == "timed"]
        assert isinstance(cell, list)
        assert cell[-1] == pytest.approx(seconds)


def test_who_left_before_there_was_an_answer_is_counted_as_gone(lines: list[str]) -> None:
    observed(lines, exchange("left", status=0, headers_sent=0.0))
    assert counted(REQUEST_SECONDS, "left") == {}
    assert counted(RESPONSE_SECONDS, "left") == {("https", "get", "(gone)"): 1}


def test_a_websocket_is_one_from_its_request_or_from_its_opening_on(lines: list[str]) -> None:
    refused = exchange("socket", websocket_request=True, status=403)
    opened = exchange("socket", websocket_request=True, is_websocket=True, status=101)
    observed(lines, refused, opened)
    asked = {("wss", "get", "403"): 1, ("wss", "get", "101"): 1}
    ended = {("https", "get", "403"): 1, ("wss", "get", "101"): 1}
    assert (counted(REQUEST_SECONDS, "socket"), counted(RESPONSE_SECONDS, "socket")) == (asked, ended)


def test_requests_over_a_limit_fill_no_log(lines: list[str]) -> None:
    before = counted(REQUEST_SECONDS, RATE_LIMITED).get(("https", "get", "429"), 0)
    observed(lines, exchange(RATE_LIMITED, status=429, bytes_out=500))
    assert counted(REQUEST_SECONDS, RATE_LIMITED)["https", "get", "429"] == before + 1
    assert ("https", "get", "429") not in counted(RESPONSE_SECONDS, RATE_LIMITED)
    assert lines == []


def test_bytes_are_counted_both_ways(lines: list[str]) -> None:
    observed(lines, *[exchange("both", bytes_in=3, bytes_out=5)] * 2)
    samples = {labels: value for labels, value in BYTES.samples() if labels[0] == "both"}
    assert samples == {("both", "received"): 6, ("both", "sent"): 10}
