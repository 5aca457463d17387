"""Bytes that no browser sends: what is ambiguous is refused, and what is taken h11 reads in the same way."""

import h11
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from webserver.edge.body import ChunkedBody
from webserver.edge.head import HeadParser, RequestHead, head_end
from webserver.edge.refusal import Refused


def ours(data: bytes) -> RequestHead | None:
    """The head as we read it; None when we refuse it."""
    try:
        end = head_end(data)
        return HeadParser().parse(data[:end]) if end >= 0 else None
    except Refused:
        return None


def theirs(data: bytes) -> h11.Request | None:
    """The head as h11 reads it; None when it refuses it."""
    server = h11.Connection(h11.SERVER)
    server.receive_data(data)
    try:
        event = server.next_event()
    except h11.RemoteProtocolError:
        return None
    return event if isinstance(event, h11.Request) else None


@pytest.mark.parametrize(
    "lines",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n",
        b"GET / HTTP/1.1\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 2\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        b"GET / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n folded\r\n",
        b"GET / HTTP/1.1\r\nHost : a\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n: x\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: a\x08b\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: a\x7fb\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX Y: b\r\n",
        b"GET  / HTTP/1.1\r\nHost: a\r\n",
        b"GET / HTTP/1.1 \r\nHost: a\r\n",
        b" GET / HTTP/1.1\r\nHost: a\r\n",
        b"GET /a b HTTP/1.1\r\nHost: a\r\n",
        b"GET /\x01 HTTP/1.1\r\nHost: a\r\n",
        b"GET nowhere HTTP/1.1\r\nHost: a\r\n",
        b"GET ftp://a/ HTTP/1.1\r\nHost: a\r\n",
        b"GET http://user@a/ HTTP/1.1\r\nHost: a\r\n",
        b"GET /a#b HTTP/1.1\r\nHost: a\r\n",
        b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n",
        b"CONNECT /a HTTP/1.1\r\nHost: a\r\n",
        b"GET / HTTP/2.0\r\nHost: a\r\n",
        b"GET / HTTP/1.2\r\nHost: a\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nExpect: something\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 20_000 + b"\r\n",
    ],
)
def test_what_is_ambiguous_or_broken_is_refused(lines: bytes) -> None:
    assert ours(lines + b"\r\n") is None


@pytest.mark.parametrize("data", [b"GET / HTTP/1.1\nHost: a\n\n", b"GET / HTTP/1.1\r\nHost: a\n\r\n", b"\n"])
def test_bare_line_feeds_are_refused_at_once(data: bytes) -> None:
    def read() -> None:
        assert head_end(data) >= 0
        HeadParser().parse(data)

    with pytest.raises(Refused):
        read()


def test_a_target_in_absolute_form_names_the_host() -> None:
    head = ours(b"GET http://Other.example:8080?x HTTP/1.1\r\nHost: a\r\n\r\n")
    assert head is not None
    assert (head.host, head.target) == (b"Other.example:8080", b"/?x")
    assert head.fields == [(b"Host", b"Other.example:8080")]


names = st.sampled_from(
    [b"Host", b"X-A", b"Content-Length", b"Transfer-Encoding", b"Connection", b"host", b"X A", b"", b"Expect"]
)
values = st.sampled_from(
    [
        b"a",
        b"",
        b"3",
        b"chunked",
        b"close",
        b" b ",
        b"\tc",
        b"a\x00",
        b"a\x0b",
        b"a b",
        b"3,3",
        b"-1",
        b"\xff",
        b"keep-alive",
    ]
)
ends = st.sampled_from([b"\r\n"] * 12 + [b"\n", b"\r", b"\r\r\n", b"\r\n "])
fields = st.lists(st.tuples(names, st.sampled_from([b": ", b":", b" :", b""]), values, ends), max_size=5)
starts = st.sampled_from(
    [
        b"GET / HTTP/1.1",
        b"POST /a?b HTTP/1.1",
        b"GET / HTTP/1.0",
        b"PUT * HTTP/1.1",
        b"GET /a HTTP/1.1 ",
        b"GET",
        b"get / HTTP/1.1",
        b"GET /\xe9 HTTP/1.1",
    ]
)


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """Requests that are nearly right."""
    data = draw(starts) + draw(ends) + b"Host: a\r\n"
    for name, colon, value, end in draw(fields):
        data += name + colon + value + end
    return data + b"\r\n"


@settings(max_examples=300)
@given(requests())
@example(b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n")
def test_what_we_take_h11_reads_the_same(data: bytes) -> None:
    head = ours(data)
    if head is None:
        return
    other = theirs(data)
    assert other is not None, "we take what h11 refuses"
    assert (head.method, head.target) == (other.method, other.target)
    assert [(name.lower(), value) for name, value in head.fields] == list(other.headers)


@settings(max_examples=200)
@given(
    st.lists(st.binary(min_size=1, max_size=50), max_size=6),
    st.lists(st.integers(1, 40), min_size=1, max_size=20),
    st.sampled_from([b"", b"X: y\r\n"]),
)
def test_chunks_cut_anywhere_are_the_same_content(
    pieces: list[bytes], cuts: list[int], trailer: bytes
) -> None:
    data = (
        b"".join(b"%X;ext=1\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
        + b"0\r\n"
        + trailer
        + b"\r\nnext"
    )
    body, whole, rest, turn = ChunkedBody(), b"", None, 0
    while rest is None and data:
        cut = cuts[turn % len(cuts)]
        turn += 1
        content, rest = body.feed(data[:cut])
        data = data[cut:]
        whole += content
    assert whole == b"".join(pieces)
    assert rest is not None
    assert rest + data == b"next"


@pytest.mark.parametrize(
    "data",
    [
        b"x\r\n",
        b"-1\r\n",
        b"0x1\r\n",
        b"1\na\r\n",
        b"1\r\nab\r\n",
        b"1\r\na\n",
        b"1" * 2000,
        b"0\r\n" + b"x: y\r\n" * 2000,
        b"\r\n",
        b"1 1\r\n",
        b"1;\x00\r\n",
    ],
)
def test_broken_chunks_are_refused(data: bytes) -> None:
    def read() -> None:
        body = ChunkedBody()
        for position in range(len(data)):
            body.feed(data[position : position + 1])

    with pytest.raises(Refused):
        read()
