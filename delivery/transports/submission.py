"""Kind "submission": to a relay on its submission port, with STARTTLS unless switched off (RFC 6409)."""

from typing import Final

from delivery.transports.smarthost_setting import relay_kind

KIND: Final = relay_kind(
    "submission",
    default_port=587,
    immediate_tls=False,
    purpose="To a relay on port 587, encrypted with STARTTLS, with a login.",
)
