"""A client of HTTP/2 that also sends what clients should not."""

import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from types import TracebackType

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, Event, ResponseReceived, StreamEnded, StreamReset
from hyperframe.frame import Frame, GoAwayFrame

from mail.tls.certificates import make_certificate
from tests.edge.serving import Dispatch, EdgeUnderTest, running_edge
from webserver.edge.limits import EdgeLimits
from webserver.edge.tls import BrowserTls, Pem

Fields = Sequence[tuple[bytes, bytes]]


@cache
def certificate() -> Pem:
    """Of www.example.org."""
    return Pem(*make_certificate(["www.example.org"]))


@contextmanager
def http2_edge(dispatch: Dispatch, limits: EdgeLimits | None = None) -> Iterator[EdgeUnderTest]:
    """An edge with TLS that offers HTTP/2."""
    tls = BrowserTls(certificate(), http2=True).listening
    with running_edge(dispatch, limits=limits, tls=tls) as edge:
        yield edge


def request(path: str = "/", method: str = "GET", *more: tuple[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    """The fields of a request."""
    return [
        (b":method", method.encode()),
        (b":scheme", b"https"),
        (b":authority", b"www.example.org"),
        (b":path", path.encode("latin-1")),
        *more,
    ]


class Http2Client:
    """A connection. What comes is kept in `events`, and `frames` has what the library would hide."""

    def __init__(self, port: int, *, take: bool = True, seconds: float = 30) -> None:
        """Without `take` content is not acknowledged: the server's window closes."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_alpn_protocols(["h2"])
        plain = socket.create_connection(("127.0.0.1", port), seconds)
        self.socket = context.wrap_socket(plain, server_hostname="www.example.org")
        assert self.socket.selected_alpn_protocol() == "h2"
        self.h2 = H2Connection(
            H2Configuration(
                header_encoding=None, validate_outbound_headers=False, normalize_outbound_headers=False
            )
        )
        self.take = take
        self.events: list[Event] = []
        self.goaways: list[GoAwayFrame] = []
        self.closed = False
        self._cut = b""
        self.h2.initiate_connection()
        self.flush()

    def __enter__(self) -> "Http2Client":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.socket.close()

    def flush(self) -> None:
        """Send what the library wants to."""
        self.socket.sendall(self.h2.data_to_send())

    def send(self, data: bytes) -> None:
        """Send frames of one's own; the server may have closed."""
        self.socket.sendall(data)

    def ask(self, fields: Fields, content: bytes | None = None, *, ends: bool = True) -> int:
        """Send a request; the number of its stream."""
        stream = self.h2.get_next_available_stream_id()
        self.h2.send_headers(stream, fields, end_stream=content is None and ends)
        if content is not None:
            self.h2.send_data(stream, content, end_stream=ends)
        self.flush()
        return stream

    def receive(self) -> bool:
        """Wait for something; False at the end."""
        try:
            data = self.socket.recv(65536)
        except (ConnectionError, ssl.SSLError):
            data = b""
        if not data:
            self.closed = True
            return False
        data = self._without_goaway(self._cut + data)
        for event in self.h2.receive_data(data):
            self.events.append(event)
            if isinstance(event, DataReceived) and self.take and event.flow_controlled_length:
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        answer = self.h2.data_to_send()
        if answer:
            try:
                self.socket.sendall(answer)
            except OSError:
                self.closed = True
        return True

    def _without_goaway(self, data: bytes) -> bytes:
        """The library would not go on after one."""
        kept = b""
        while len(data) >= 9:
            frame, length = Frame.parse_frame_header(memoryview(data[:9]))
            if len(data) < 9 + length:
                break
            if isinstance(frame, GoAwayFrame):
                frame.parse_body(memoryview(data[9 : 9 + length]))
                self.goaways.append(frame)
            else:
                kept += data[: 9 + length]
            data = data[9 + length :]
        self._cut = data
        return kept

    def until_ended(self, stream: int) -> None:
        """Until the answer is complete or was reset."""
        while not any(
            isinstance(event, StreamEnded | StreamReset) and event.stream_id == stream
            for event in self.events
        ):
            assert self.receive(), f"closed: {self.goaways}"

    def until_closed(self) -> None:
        """Until the server closes."""
        while self.receive():
            pass

    def upload(self, stream: int, content: bytes) -> None:
        """Send content and end the stream, no faster than the server takes it."""
        position = 0
        while position < len(content):
            window = min(self.h2.local_flow_control_window(stream), self.h2.max_outbound_frame_size)
            if not window:
                assert self.receive()
                continue
            self.h2.send_data(stream, content[position : position + window])
            position += window
            self.flush()
        self.h2.end_stream(stream)
        self.flush()

    def answer(self, stream: int) -> tuple[int, dict[bytes, bytes], bytes]:
        """Status, fields and content of an answer, when it is complete."""
        self.until_ended(stream)
        heads = [e for e in self.events if isinstance(e, ResponseReceived) and e.stream_id == stream]
        assert heads, self.events
        fields = dict(heads[0].headers)
        content = b"".join(
            e.data for e in self.events if isinstance(e, DataReceived) and e.stream_id == stream
        )
        return int(fields[b":status"]), fields, content

    def get(self, path: str = "/", *more: tuple[bytes, bytes]) -> tuple[int, dict[bytes, bytes], bytes]:
        """One request and its answer."""
        return self.answer(self.ask(request(path, "GET", *more)))
