"""Kind "submissions": to a relay on its submission port, with TLS from the first byte (RFC 8314)."""

from typing import Final

from delivery.transports.smarthost_setting import relay_kind

KIND: Final = relay_kind(
    "submissions",
    default_port=465,
    immediate_tls=True,
    purpose="To a relay on port 465, encrypted from the start, with a login.",
)
