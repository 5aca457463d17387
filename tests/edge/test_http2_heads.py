"""Heads of HTTP/2 are as strictly read as those of HTTP/1.1."""

import h11
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.edge.http2_client import Http2Client, http2_edge, request
from webserver.edge.exchange import Exchange
from webserver.edge.head import RequestHead
from webserver.edge.http2.head import RequestReader, check_trailers
from webserver.edge.refusal import Refused

pytestmark = pytest.mark.only_database("sqlite")

METHOD, SCHEME = (b":method", b"GET"), (b":scheme", b"https")
AUTHORITY, PATH = (b":authority", b"a.example"), (b":path", b"/")


def read(fields: list[tuple[bytes, bytes]], *, has_content: bool = False) -> RequestHead:
    return RequestReader().read(fields, has_content=has_content)


def test_a_head_is_what_http_1_1_would_say() -> None:
    head = read(
        [
            *request("/a?b", "POST"),
            (b"cookie", b"a=1"),
            (b"x", b"y"),
            (b"cookie", b"b=2"),
            (b"te", b"trailers"),
        ],
        has_content=True,
    )
    assert (head.method, head.target, head.host) == (b"POST", b"/a?b", b"www.example.org")
    assert head.get(b"cookie") == b"a=1; b=2"
    assert head.chunked
    assert head.keep_alive
    assert read([*request(), (b"content-length", b"5")], has_content=True).content_length == 5
    assert not read(request("*", "OPTIONS")).has_body
    host = [METHOD, SCHEME, PATH, (b"host", b"a.example")]
    assert read(host).host == read([AUTHORITY, *host]).host == b"a.example"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ([SCHEME, AUTHORITY, PATH], 400),
        ([METHOD, AUTHORITY, PATH], 400),
        ([METHOD, SCHEME, AUTHORITY], 400),
        ([METHOD, SCHEME, PATH], 400),
        ([METHOD, METHOD, SCHEME, AUTHORITY, PATH], 400),
        ([*request(), AUTHORITY], 400),
        ([METHOD, (b"x", b"y"), SCHEME, AUTHORITY, PATH], 400),
        ([*request(), (b":status", b"200")], 400),
        ([METHOD, SCHEME, AUTHORITY, PATH, (b":protocol", b"websocket")], 400),
        ([(b":protocol", b"websocket"), METHOD, SCHEME, AUTHORITY, PATH], 400),
        ([METHOD, SCHEME, AUTHORITY, (b":path", b"")], 400),
        ([METHOD, SCHEME, AUTHORITY, (b":path", b"*")], 400),
        ([METHOD, SCHEME, AUTHORITY, (b":path", b"a")], 400),
        ([METHOD, SCHEME, AUTHORITY, (b":path", b"http://b.example/")], 400),
        ([METHOD, SCHEME, AUTHORITY, (b":path", b"/ HTTP/1.1\r\nx: y")], 400),
        ([METHOD, SCHEME, AUTHORITY, (b":path", b"/a b")], 400),
        ([METHOD, SCHEME, AUTHORITY, (b":path", b"/a\x7f")], 400),
        ([METHOD, (b":scheme", b"ftp"), AUTHORITY, PATH], 400),
        ([METHOD, SCHEME, (b":authority", b""), PATH], 400),
        ([METHOD, SCHEME, (b":authority", b"u@a.example"), PATH], 400),
        ([METHOD, SCHEME, (b":authority", b"a\r\nx: y"), PATH], 400),
        ([METHOD, SCHEME, AUTHORITY, PATH, (b"host", b"b.example")], 400),
        ([METHOD, SCHEME, PATH, (b"host", b"a.example"), (b"host", b"a.example")], 400),
        ([(b":method", b"G T"), SCHEME, AUTHORITY, PATH], 400),
        ([(b":method", b"GET / HTTP/1.1\r\nx:"), SCHEME, AUTHORITY, PATH], 400),
        ([(b":method", b"BREW"), SCHEME, AUTHORITY, PATH], 501),
        ([(b":method", b"CONNECT"), AUTHORITY], 501),
        ([*request(), (b"connection", b"close")], 400),
        ([*request(), (b"transfer-encoding", b"chunked")], 400),
        ([*request(), (b"upgrade", b"websocket")], 400),
        ([*request(), (b"keep-alive", b"5")], 400),
        ([*request(), (b"proxy-connection", b"close")], 400),
        ([*request(), (b"te", b"gzip")], 400),
        ([*request(), (b"Upper", b"a")], 400),
        ([*request(), (b"", b"a")], 400),
        ([*request(), (b"a b", b"a")], 400),
        ([*request(), (b"a:b", b"a")], 400),
        ([*request(), (b"a\r\nb", b"a")], 400),
        ([*request(), (b"x", b"a\r\nb: c")], 400),
        ([*request(), (b"x", b"a\nb")], 400),
        ([*request(), (b"x", b"a\0")], 400),
        ([*request(), (b"x", b"a\x01")], 400),
        ([*request(), (b"x", b" a")], 400),
        ([*request(), (b"x", b"a\t")], 400),
        ([*request(), (b"content-length", b"1"), (b"content-length", b"1")], 400),
        ([*request(), (b"content-length", b"-1")], 400),
        ([*request(), (b"content-length", b"1, 1")], 400),
        ([*request(), (b"expect", b"200-ok")], 417),
        ([*request(), (b"x", b"a" * 17_000)], 431),
    ],
)
def test_malformed_heads_are_refused(fields: list[tuple[bytes, bytes]], status: int) -> None:
    for has_content in (False, True):
        with pytest.raises(Refused) as refused:
            read(fields, has_content=has_content)
        assert refused.value.status == status


def test_a_malformed_request_gets_400_and_the_next_one_its_answer() -> None:
    def answer(exchange: Exchange) -> None:
        exchange.respond(200, [], b"ok")

    with http2_edge(answer) as edge, Http2Client(edge.port) as client:
        for _ in range(3):
            assert client.get("/", (b"connection", b"close"))[0] == 400
            assert client.answer(client.ask(request("/", "BREW"), b"tea"))[0] == 501
            assert client.get()[2] == b"ok"
        exchange = edge.recorder.wait_for(1)[0]
        assert (exchange.handler, exchange.status) == ("(badrequest)", 400)


def test_trailers_are_fields_too() -> None:
    check_trailers([(b"x-sum", b"1")])
    for field in ((b":path", b"/"), (b"X", b"y"), (b"x", b"a\nb")):
        with pytest.raises(Refused):
            check_trailers([field])


BYTES = st.one_of(st.binary(max_size=12), st.from_regex(rb"[a-z0-9:/?*@ \r\n\x00-]{0,12}", fullmatch=True))
NAMES = st.one_of(
    BYTES,
    st.sampled_from(
        [b":method", b":path", b":authority", b":scheme", b"host", b"content-length", b"cookie", b"te"]
    ),
)


@settings(max_examples=200)
@given(st.lists(st.tuples(NAMES, BYTES), max_size=6), st.booleans(), st.booleans())
def test_whatever_is_taken_is_one_request_for_others_too(
    more: list[tuple[bytes, bytes]], begins_well: bool, has_content: bool
) -> None:
    fields = [*request(), *more] if begins_well else more
    try:
        head = read(fields, has_content=has_content)
    except Refused:
        return
    block = b"%b %b HTTP/1.1\r\n" % (head.method, head.target)
    block += b"".join(b"%b: %b\r\n" % field for field in head.fields) + b"\r\n"
    theirs = h11.Connection(h11.SERVER)
    theirs.receive_data(block)
    event = theirs.next_event()
    assert isinstance(event, h11.Request)
    assert (event.method, event.target) == (head.method, head.target)
    assert [(name.lower(), value) for name, value in head.fields] == list(event.headers)
    assert len(more) + 1 >= len(head.fields) - 1
