"""Kind "submission": to a relay on its submission port, with STARTTLS unless switched off (RFC 6409)."""

from delivery.transports.smarthost import SmarthostKind

KIND = SmarthostKind(default_port=587, immediate_tls=False)
