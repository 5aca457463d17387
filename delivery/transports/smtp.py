"""Kind "smtp": to a relay on port 25, with STARTTLS unless switched off, usually without login."""

from delivery.transports.smarthost import SmarthostKind

KIND = SmarthostKind(default_port=25, immediate_tls=False)
