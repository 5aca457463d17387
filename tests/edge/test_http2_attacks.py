"""What clients of HTTP/2 do to keep a server busy, and how soon it ends."""

import asyncio
import contextlib
import struct
from collections.abc import Callable, Iterator

import pytest
from h2.events import DataReceived, InformationalResponseReceived, StreamReset
from hpack import Encoder

from tests.edge.http2_client import Http2Client, http2_edge, request
from tests.edge.serving import EdgeUnderTest
from tests.world.waiting import wait_until
from webserver.edge.exchange import Exchange
from webserver.edge.http2.connection import Http2Connection
from webserver.edge.limits import EdgeLimits
from webserver.edge.refusal import ClientGone
from webserver.edge.waiting import AwaitableExchange

pytestmark = pytest.mark.only_database("sqlite")

CALM = 0xB
_tasks: set[asyncio.Task[None]] = set()


def answer(exchange: Exchange) -> None:
    """/silent never answers, /big has much to say, others read their content."""
    exchange.handler = "site"
    if exchange.head.target == b"/big":
        exchange.respond(200, [], bytes(1_000_000))
    elif exchange.head.target == b"/upload":
        task = asyncio.get_running_loop().create_task(_read(exchange))
        _tasks.add(task)
        task.add_done_callback(_tasks.discard)
    elif exchange.head.target != b"/silent":
        exchange.respond(200, [], b"ok")


async def _read(exchange: Exchange) -> None:
    try:
        exchange.respond(200, [], await AwaitableExchange(exchange).read_all(10_000_000))
    except ClientGone:
        pass


@pytest.fixture(scope="module")
def edge() -> Iterator[EdgeUnderTest]:
    with http2_edge(answer) as running:
        yield running


@pytest.fixture(scope="module")
def hasty() -> Iterator[EdgeUnderTest]:
    """An edge that waits for nothing long."""
    limits = EdgeLimits(head_seconds=0.3, idle_seconds=0.3, body_seconds=0.3, write_seconds=0.3)
    with http2_edge(answer, limits) as running:
        yield running


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """A frame (RFC 9113 section 4.1)."""
    return struct.pack("!I", len(payload))[1:] + bytes((kind, flags)) + struct.pack("!I", stream) + payload


def resets(client: Http2Client, times: int) -> bytes:
    """Requests that are taken back at once (CVE-2023-44487)."""
    encoder = Encoder()
    whole = b""
    for number in range(times):
        head = encoder.encode(request("/silent"))
        stream = 2 * number + 1
        whole += frame(1, 0x5, stream, head) + frame(3, 0, stream, struct.pack("!I", 8))
    return whole


@pytest.mark.parametrize(
    "flood",
    [
        resets,
        lambda _, times: frame(6, 0, 0, bytes(8)) * times,
        lambda _, times: frame(4, 0, 0, struct.pack("!HI", 4, 70_000)) * times,
        lambda _, times: frame(8, 0, 0, struct.pack("!I", 1)) * times,
        lambda _, times: frame(2, 0, 1, struct.pack("!IB", 0, 9)) * times,
        lambda _, times: frame(99, 0, 0) * times,
    ],
    ids=["reset", "ping", "settings", "window", "priority", "unknown"],
)
def test_floods_of_small_frames_end_the_connection(
    edge: EdgeUnderTest, flood: Callable[[Http2Client, int], bytes]
) -> None:
    with Http2Client(edge.port) as client:
        try:
            client.send(flood(client, 2000))
        except OSError:
            pass  # it is closed before all is sent
        client.until_closed()
        assert [each.error_code for each in client.goaways] in ([CALM], [])
    with Http2Client(edge.port) as other:
        assert other.get()[2] == b"ok"


def test_a_flood_of_empty_content_ends_the_connection(edge: EdgeUnderTest) -> None:
    with Http2Client(edge.port) as client:
        client.ask(request("/upload", "POST", (b"expect", b"100-continue")), ends=False)
        while not any(isinstance(event, InformationalResponseReceived) for event in client.events):
            assert client.receive()
        client.send(frame(0, 0, 1) * 2000)
        client.until_closed()
        assert [each.error_code for each in client.goaways] == [CALM]
    exchange = next(each for each in edge.recorder.exchanges if each.head.target == b"/upload")
    assert exchange.error == "too many frames of no use: empty DATA"


def test_fields_that_never_end_are_not_collected(edge: EdgeUnderTest) -> None:
    with Http2Client(edge.port) as client:
        client.send(frame(1, 0, 1, Encoder().encode(request())))
        try:
            for _ in range(200):
                client.send(frame(9, 0, 1, b"\0\x01a\x01b" * 1000))
        except OSError:
            pass
        client.until_closed()
        assert client.closed


def test_fields_that_are_packed_to_burst_end_the_connection(edge: EdgeUnderTest) -> None:
    encoder = Encoder()
    packed = encoder.encode([*request(), (b"x-bomb", b"a" * 3000)])
    packed += encoder.encode([(b"x-bomb", b"a" * 3000)]) * 4000
    with Http2Client(edge.port) as client:
        client.send(frame(1, 0x5, 1, packed))
        client.until_closed()
        assert [each.error_code for each in client.goaways] == [CALM]


def test_fields_that_are_too_long_get_431(edge: EdgeUnderTest) -> None:
    with Http2Client(edge.port) as client:
        assert client.get("/", (b"x-long", b"a" * 17_000))[0] == 431
        assert client.get("/", (b"x-long", b"a" * 10_000))[0] == 200


def ask_too_often(client: Http2Client, surplus: int) -> None:
    """As many silent requests as are allowed at once, and some more."""
    while client.h2.remote_settings.max_concurrent_streams != 100:
        assert client.receive()
    for _ in range(100):
        client.ask(request("/silent"))
    client.h2.remote_settings.max_concurrent_streams = 10_000
    client.h2.remote_settings.acknowledge()
    for _ in range(surplus):
        client.ask(request("/silent"))


def test_a_request_too_many_is_refused_alone(edge: EdgeUnderTest) -> None:
    with Http2Client(edge.port) as client:
        ask_too_often(client, 1)
        while not (resets := [event for event in client.events if isinstance(event, StreamReset)]):
            assert client.receive()
        assert [(event.stream_id, event.error_code) for event in resets] == [(201, 7)]
        client.h2.reset_stream(1)
        client.flush()
        assert client.get()[0] == 200


def test_who_never_heeds_how_many_requests_are_allowed_is_cut_off(edge: EdgeUnderTest) -> None:
    with Http2Client(edge.port) as client:
        ask_too_often(client, 1500)
        client.until_closed()
        assert len(client.goaways) == 1


@pytest.mark.parametrize(
    "data",
    [
        frame(0, 0, 0, b"a"),
        frame(0, 0, 7, b"a"),
        frame(1, 0x5, 2, b"\x82"),
        frame(6, 0, 0, b"short"),
        frame(8, 0, 0, bytes(4)),
        frame(4, 1, 0, bytes(6)),
        frame(5, 0x4, 1, bytes(4)),
        frame(9, 0x4, 1, b"a"),
        frame(1, 0x5, 1, b"\xff\xff\xff\xff\xff\xff\xff"),
        b"\xff" * 100,
    ],
)
def test_nonsense_ends_the_connection_alone(edge: EdgeUnderTest, data: bytes) -> None:
    with Http2Client(edge.port) as client:
        client.send(data)
        client.until_closed()
        assert client.closed
    with Http2Client(edge.port) as other:
        assert other.get()[0] == 200


def test_a_window_that_opens_by_single_bytes_is_not_waited_for(hasty: EdgeUnderTest) -> None:
    with Http2Client(hasty.port, take=False) as client:
        stream = client.ask(request("/big"))
        while not any(isinstance(event, StreamReset) for event in client.events):
            if any(isinstance(event, DataReceived) for event in client.events):
                client.h2.increment_flow_control_window(1)
                client.h2.increment_flow_control_window(1, stream)
                client.flush()
            assert client.receive()
        assert any(isinstance(event, StreamReset) and event.error_code == 8 for event in client.events)


def test_a_client_that_stops_reading_is_cut_off(hasty: EdgeUnderTest) -> None:
    with Http2Client(hasty.port) as client:
        assert client.receive()
        assert hasty.edge.connections
        client.send(frame(8, 0, 0, struct.pack("!I", 2**30)) + frame(4, 0, 0, struct.pack("!HI", 4, 2**30)))
        with contextlib.suppress(ConnectionError):  # on a slow machine it is cut off before it has asked all
            for _ in range(40):
                client.ask(request("/big"))
        wait_until(lambda: not hasty.edge.connections, "the connection is closed", 30)


def test_slow_clients_are_not_waited_for(hasty: EdgeUnderTest) -> None:
    with (
        Http2Client(hasty.port) as idle,
        Http2Client(hasty.port) as slow_head,
        Http2Client(hasty.port) as slow_content,
    ):
        slow_head.receive()
        slow_head.send(frame(1, 0, 1, Encoder().encode(request())))
        stream = slow_content.ask(request("/upload", "POST"), b"a", ends=False)
        idle.until_closed()
        assert [each.error_code for each in idle.goaways] == [0]
        slow_head.until_closed()
        assert [each.error_code for each in slow_head.goaways] == [CALM]
        assert slow_content.answer(stream)[0] == 408


def test_a_long_wait_for_an_answer_is_not_idleness(hasty: EdgeUnderTest) -> None:
    with Http2Client(hasty.port) as waiting, Http2Client(hasty.port) as idle:
        waiting.ask(request("/silent"))
        idle.until_closed()
        idle.socket.close()
        with Http2Client(hasty.port) as second:
            second.until_closed()
        connections = [each for each in hasty.edge.connections if isinstance(each, Http2Connection)]
        assert sum(len(each.streams) for each in connections) == 1
