"""Streams with something to send take turns, a frame each, as far as the client's windows go."""

import logging
from collections.abc import Callable

from h2.connection import H2Connection
from h2.exceptions import ProtocolError

from webserver.edge.http2.limits import FRAME
from webserver.edge.http2.stream import Stream

log = logging.getLogger(__name__)


class Turns:
    """`answered` is told of streams whose answer is sent, `ended` of those that the library has ended."""

    def __init__(
        self, h2: H2Connection, answered: Callable[[Stream], None], ended: Callable[[Stream], None]
    ) -> None:
        self._h2 = h2
        self._answered = answered
        self._ended = ended
        self._waiting: dict[int, Stream] = {}

    def add(self, stream: Stream) -> None:
        """It has something to send."""
        self._waiting[stream.id] = stream

    def remove(self, stream: Stream) -> None:
        """It has nothing to send any more."""
        self._waiting.pop(stream.id, None)

    def take(self) -> int:
        """Let every stream send one frame of content; how many did."""
        sent = 0
        for stream in list(self._waiting.values()):
            try:
                sent += self._send_of(stream)
            except ProtocolError as error:
                log.debug("a stream ended early", extra={"fields": {"reason": str(error)}})
                self._ended(stream)
        return sent

    def _send_of(self, stream: Stream) -> bool:
        """Send what is there; whether that was content."""
        h2 = self._h2
        ends = stream.ending and not stream.unsent
        if stream.head is not None:
            fields, stream.head = stream.head, None
            h2.send_headers(stream.id, fields, end_stream=ends)
        elif ends:
            h2.end_stream(stream.id)
        if ends:
            self._answered(stream)
            return False
        if not stream.unsent:
            self.remove(stream)
            return False
        room = min(h2.local_flow_control_window(stream.id), h2.max_outbound_frame_size, FRAME)
        if room <= 0:
            return False
        data = stream.take(room)
        ends = stream.ending and not stream.unsent
        h2.send_data(stream.id, data, end_stream=ends)
        if ends:
            self._answered(stream)
        else:
            stream.tell_ready()
        return True
