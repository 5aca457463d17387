"""Kind "submissions": to a relay on its submission port, with TLS from the first byte (RFC 8314)."""

from delivery.transports.smarthost import SmarthostKind

KIND = SmarthostKind(default_port=465, immediate_tls=True)
