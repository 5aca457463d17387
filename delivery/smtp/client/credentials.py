"""The login at a relay."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Credentials:
    """`mechanisms`: those allowed, in order of preference; empty for all, PLAIN and LOGIN only under TLS."""

    username: str
    password: str = field(repr=False)
    mechanisms: tuple[str, ...] = ()
