"""Channel binding: what ties a login to the TLS connection it is made over (RFC 5056)."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ChannelBinding:
    """`kind` is "tls-exporter" (RFC 9266) or "tls-unique" (RFC 5929); `data` is equal on both sides.

    Whoever passes a login on from one connection to another has different data on the two.
    """

    kind: str
    data: bytes = field(repr=False)
