"""What a line of the access log says."""

import json
import unicodedata
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail import clock
from webserver.accesslog.lines import json_line, logfmt_line
from webserver.edge.exchange import Exchange
from webserver.edge.field_section import FieldSection
from webserver.edge.head import RequestHead
from webserver.edge.request_line import RequestLine


class Connection:
    """Of an exchange that has ended."""

    scheme = "https"
    peer = "192.0.2.1"
    peer_bytes = b"192.0.2.1"
    tls_version = "TLSv1.3"


def exchange(*fields: tuple[bytes, bytes], target: bytes = b"/a?b=c", **known: Any) -> Exchange:
    head = RequestHead(RequestLine(b"GET", target), 1, FieldSection(list(fields)))
    head.host = b"www.example.org"
    made = Exchange(Connection(), head)  # type: ignore[arg-type]
    made.handler, made.status, made.bytes_out = "site", 200, 1234
    made.ended = made.started + 0.25
    for name, value in known.items():
        setattr(made, name, value)
    return made


def test_an_ordinary_request() -> None:
    made = exchange((b"User-Agent", b"curl/8 (x)"), (b"Referer", b"https://a.example/"))
    assert logfmt_line(made).partition(" level")[2] == (
        '=info pkg=webserver.access msg=request handler=site method=GET url="/a?b=c" host=www.example.org '
        "duration=0.250000 statuscode=200 proto=https remoteaddr=192.0.2.1 tlsinfo=TLSv1.3 "
        'useragent="curl/8 (x)" referer=https://a.example/ size=1234\n'
    )


def test_the_time_is_that_of_the_end_however_late_the_line_is_made() -> None:
    made = exchange(ended=clock.monotonic() - 90)
    for said in (logfmt_line(made)[5:29], json.loads(json_line(made))["time"]):
        moment = datetime.fromisoformat(said).timestamp()
        assert 85 < clock.now() / clock.SECOND - moment < 120


def test_what_is_only_sometimes_known() -> None:
    made = exchange(client="198.51.100.7", uncompressed_bytes=9999, error="the client is gone")
    fields = json.loads(json_line(made))
    assert fields["clientip"] == "198.51.100.7"
    assert fields["uncompressedsize"] == 9999
    assert fields["error"] == "the client is gone"
    assert "request" not in fields
    assert json.loads(json_line(exchange(_id="abc")))["request"] == "abc"


@pytest.mark.parametrize(("succeeded", "proto"), [(True, "wss"), (False, "https")])
def test_websockets_say_what_went_through(succeeded: bool, proto: str) -> None:
    made = exchange(websocket_request=True, is_websocket=succeeded, bytes_in=5)
    fields = json.loads(json_line(made))
    assert fields["proto"] == proto
    assert fields["websocketrequest"] is True
    assert fields["websocket"] is succeeded
    assert fields.get("sizetoclient") == (1234 if succeeded else None)
    assert fields.get("sizefromclient") == (5 if succeeded else None)


@given(st.binary(max_size=50), st.binary(max_size=50))
def test_whatever_clients_send_a_line_stays_a_line(target: bytes, agent: bytes) -> None:
    made = exchange((b"User-Agent", agent), target=b"/" + target)
    for line in (logfmt_line(made), json_line(made)):
        assert line.count("\n") == 1
        assert not any(unicodedata.category(each) in ("Cc", "Zl", "Zp") for each in line[:-1])
    json.loads(json_line(made))


def test_long_values_are_cut() -> None:
    assert len(logfmt_line(exchange((b"User-Agent", b"x" * 10_000)))) < 2000
