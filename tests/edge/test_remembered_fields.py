"""A connection that repeats its fields is read as one that says them for the first time."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webserver.edge.field_section import FieldSection, KnownSections
from webserver.edge.head import HeadParser, RequestHead, forget_heads
from webserver.edge.refusal import Refused
from webserver.handlers.forward.serving.fields import passing_lines

FIELDS = (
    b"Host: a.example\r\nUser-Agent: Mozilla/5.0 (X11)\r\nAccept: image/avif,*/*;q=0.8\r\n"
    b"Referer: http://a.example/page\r\nCookie: session=1; theme=dark\r\nConnection: keep-alive, X-Hop\r\n"
    b"X-Hop: 1\r\nX-Forwarded-For: 192.0.2.66\r\nKeep-Alive: timeout=5\r\n\r\n"
)

_FLAGS = ("host", "is_secret", "keep_alive", "upgrade", "expects_continue", "chunked", "content_length")


def told(head: RequestHead) -> object:
    """All that is known of a head."""
    return (
        head.method,
        head.target,
        head.minor_version,
        head.scheme_of_target,
        head.has_body,
        head.fields,
        head.get(b"cookie"),
        passing_lines(head.section),
        *(getattr(head, flag) for flag in _FLAGS),
    )


def verdict(parser: HeadParser, block: bytes, *, forget: bool = True) -> object:
    """What a parser says of a head; None if it refuses it. With `forget` no other connection has sent it."""
    if forget:
        forget_heads()
    try:
        return told(parser.parse(block))
    except Refused:
        return None


def familiar() -> HeadParser:
    """A parser that has read FIELDS before, and used them for another path."""
    parser = HeadParser()
    first, second = (parser.parse(b"GET %b HTTP/1.1\r\n" % path + FIELDS) for path in (b"/1", b"/2"))
    assert first.section is second.section
    return parser


lines = st.sampled_from(
    [
        b"GET /a?b=c HTTP/1.1",
        b"POST / HTTP/1.1",
        b"OPTIONS * HTTP/1.1",
        b"GET * HTTP/1.1",
        b"GET http://b.example/x HTTP/1.1",
        b"GET http://u@b.example/x HTTP/1.1",
        b"GET / HTTP/1.0",
        b"GET / HTTP/1.2",
        b"GET / HTTP/2.0",
        b"PRI * HTTP/2.0",
        b"PRI * HTTP/1.1",
        b"PRI / HTTP/1.1",
        b"GET /  HTTP/1.1",
        b"GET / HTTP/1.1 ",
        b" GET / HTTP/1.1",
        b"\r\nGET / HTTP/1.1",
        b"GET /\nX: HTTP/1.1",
        b"GET / HTTP/1.1\nX: HTTP/1.1",
        b"GET / HTTP/1.1\rX: HTTP/1.1",
        b"GET / HTTP/1.1\r",
        b"GET /a b HTTP/1.1",
        b"GET /\x00 HTTP/1.1",
        b"GET /\xe9 HTTP/1.1",
        b"GET /#a HTTP/1.1",
        b"FOO / HTTP/1.1",
        b"get / HTTP/1.1",
        b"CONNECT a:1 HTTP/1.1",
        b"CONNECT / HTTP/1.1",
        b"GET HTTP/1.1",
        b" HTTP/1.1",
        b"SOURCE / HTTP/1.1",
        b"GET / ICE/1.0",
        b"GET / RTSP/1.1",
        b"",
    ]
)


@pytest.mark.parametrize("same_parser", [True, False])
@settings(max_examples=120)
@given(line=lines | st.binary(max_size=30).map(lambda target: b"GET /%b HTTP/1.1" % target))
def test_a_request_line_is_judged_alike_whether_its_fields_are_known(line: bytes, same_parser: bool) -> None:
    parser = familiar()
    if same_parser:
        verdict(parser, b"HEAD http://c.example/ HTTP/1.1\r\n" + FIELDS)
    block = line + b"\r\n" + FIELDS
    assert verdict(parser, block) == verdict(HeadParser(), block)


@st.composite
def other_fields(draw: st.DrawFn) -> bytes:
    """FIELDS with a byte changed, added or gone, or its lines moved, some gone, others added."""
    data = FIELDS[:-2]
    if draw(st.booleans()):
        position = draw(st.integers(0, len(data) - 1))
        length = draw(st.integers(0, 1))
        added = draw(st.sampled_from([b"", b"x", b" ", b"\t", b":", b"\r", b"\n", b"\0", b"\r\n", b"\r\n "]))
        return data[:position] + added + data[position + length :] + b"\r\n"
    known = draw(st.permutations(data.splitlines(keepends=True)))
    more = draw(
        st.lists(
            st.sampled_from(
                [
                    b"Host: b.example\r\n",
                    b"Content-Length: 3\r\n",
                    b"Transfer-Encoding: chunked\r\n",
                    b"Connection: close\r\n",
                    b"Connection: cookie\r\n",
                    b"Cookie: session=2\r\n",
                    b"Expect: 100-continue\r\n",
                    b"Upgrade: websocket\r\n",
                    b" folded\r\n",
                    b"X: y\n",
                ]
            ),
            max_size=3,
        )
    )
    return b"".join(known[: draw(st.integers(0, len(known)))] + more) + b"\r\n"


@settings(max_examples=300)
@given(fields=other_fields())
def test_other_fields_are_never_taken_for_those_that_are_known(fields: bytes) -> None:
    block = b"GET /a HTTP/1.1\r\n" + fields
    if block.find(b"\r\n\r\n") != len(block) - 4:
        return  # no head, as head_end would have cut it
    parser = familiar()
    assert verdict(parser, block) == verdict(HeadParser(), block)


@settings(max_examples=150)
@given(line=lines, earlier=other_fields() | st.just(FIELDS), own=other_fields() | st.just(FIELDS))
def test_a_line_that_others_have_said_is_read_as_if_nobody_had(
    line: bytes, earlier: bytes, own: bytes
) -> None:
    blocks = [line + b"\r\n" + fields for fields in (earlier, own)]
    if any(block.find(b"\r\n\r\n") != len(block) - 4 for block in blocks):
        return  # no head, as head_end would have cut it
    expected = verdict(HeadParser(), blocks[1])
    for parser in (familiar(), HeadParser()):
        forget_heads()
        with contextlib.suppress(Refused):
            HeadParser().parse(blocks[0])
        assert verdict(parser, blocks[1], forget=False) == expected


def test_clients_share_a_line_and_no_fields() -> None:
    forget_heads()
    first, second = (
        HeadParser().parse(b"GET /a HTTP/1.1\r\nHost: a.example\r\nCookie: %b\r\n\r\n" % cookie)
        for cookie in (b"1", b"2")
    )
    other = HeadParser().parse(b"GET /a HTTP/1.1\r\nHost: b.example\r\n\r\n")
    assert first.line is second.line
    assert first.line is not other.line
    assert (first.get(b"cookie"), second.get(b"cookie")) == (b"1", b"2")


@settings(max_examples=100)
@given(st.lists(st.tuples(lines, other_fields()), max_size=6))
def test_requests_after_each_other_are_read_as_if_each_were_the_first(
    requests: list[tuple[bytes, bytes]],
) -> None:
    parser = familiar()
    for line, fields in requests:
        block = line + b"\r\n" + fields
        if block.find(b"\r\n\r\n") != len(block) - 4:
            continue
        expected = verdict(HeadParser(), block)
        assert verdict(parser, block) == expected
        again = b"GET /again HTTP/1.1\r\n" + FIELDS
        if expected is None:
            break  # the connection closes
        assert verdict(parser, again) == verdict(HeadParser(), again)


@pytest.mark.parametrize(
    "more", [b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n", b"Expect: 100-continue\r\n"]
)
def test_the_fields_of_requests_with_content_are_read_each_time(more: bytes) -> None:
    parser = HeadParser()
    block = b"POST /a HTTP/1.1\r\nHost: a.example\r\n" + more + b"\r\n"
    assert parser.parse(block).section is not parser.parse(block).section


def test_a_version_that_judges_fields_otherwise_reads_them_itself() -> None:
    parser = HeadParser()
    hostless = b"Connection: keep-alive\r\nCookie: b\r\n\r\n"
    assert parser.parse(b"GET / HTTP/1.0\r\n" + hostless).keep_alive
    with pytest.raises(Refused, match="names no host"):
        parser.parse(b"GET / HTTP/1.1\r\n" + hostless)
    parser = HeadParser()
    fields = b"Host: a\r\nCookie: b\r\n\r\n"
    assert parser.parse(b"GET / HTTP/1.1\r\n" + fields).keep_alive
    assert not parser.parse(b"GET / HTTP/1.0\r\n" + fields).keep_alive


def test_what_one_connection_says_is_known_to_no_other_and_forgotten_at_its_end() -> None:
    block = b"GET / HTTP/1.1\r\n" + FIELDS
    parser = HeadParser()
    section = parser.parse(block).section
    assert parser.parse(block).section is section
    assert HeadParser().parse(block).section is not section
    parser.end()
    assert parser.parse(block).section is not section


def test_a_connection_remembers_a_few_kilobytes_and_no_more() -> None:
    known = KnownSections()
    blocks = [b"%d" % number + b"x" * 1000 for number in range(50)]
    for block in blocks:
        known.add(block, FieldSection([]))
        assert known.get(block) is not None
        assert sum(len(other) for other in blocks if known.get(other)) <= 8 * 1024
    known.add(b"y" * 10_000, FieldSection([]))
    assert known.get(b"y" * 10_000) is None
