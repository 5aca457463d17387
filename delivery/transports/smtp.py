"""Kind "smtp": to a relay on port 25, with STARTTLS unless switched off, usually without login."""

from typing import Final

from delivery.transports.smarthost_setting import relay_kind

KIND: Final = relay_kind(
    "smtp",
    default_port=25,
    immediate_tls=False,
    purpose="To a relay on port 25, encrypted with STARTTLS, usually without login.",
)
