"""The library h2, set up for a server that judges requests by its own rules."""

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.settings import SettingCodes, Settings
from hyperframe.frame import GoAwayFrame

from webserver.edge.http2.limits import (
    CONNECTION_WINDOW,
    HEADER_LIST,
    HEADER_LIST_READ,
    ODD_FRAMES,
    STREAM_WINDOW,
    STREAMS,
)

_DEFAULT_WINDOW = 65_535


def new_connection() -> H2Connection:
    """A connection whose first frames are ready. Fields are judged by webserver.edge.http2.head instead."""
    connection = H2Connection(
        H2Configuration(
            client_side=False,
            header_encoding=None,
            validate_inbound_headers=False,
            normalize_inbound_headers=False,
            validate_outbound_headers=False,
            normalize_outbound_headers=False,
        )
    )
    connection.local_settings = Settings(
        client=False,
        initial_values={
            SettingCodes.ENABLE_PUSH: 0,
            SettingCodes.MAX_CONCURRENT_STREAMS: STREAMS,
            SettingCodes.MAX_HEADER_LIST_SIZE: HEADER_LIST,
            SettingCodes.INITIAL_WINDOW_SIZE: STREAM_WINDOW,
        },
    )
    connection.decoder.max_header_list_size = HEADER_LIST_READ
    connection.initiate_connection()
    connection.increment_flow_control_window(CONNECTION_WINDOW - _DEFAULT_WINDOW)
    # The library would end a connection for a stream too many. It gets to us, to be refused alone.
    connection.local_settings.max_concurrent_streams = STREAMS + ODD_FRAMES
    connection.local_settings.acknowledge()
    return connection


def goaway(last: int, error: ErrorCodes = ErrorCodes.NO_ERROR) -> bytes:
    """A frame of our own: the library would send nothing any more after one of its."""
    return GoAwayFrame(0, last_stream_id=last, error_code=int(error)).serialize()
