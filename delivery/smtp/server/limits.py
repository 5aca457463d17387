"""How much one peer, and all of them together, may ask of the server."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes in bytes, times in seconds."""

    connections: int = 1000
    connections_per_network: int = 100
    """From one IPv4 address or one IPv6 /64."""

    command_line: int = 2048
    """RFC 5321 section 4.5.3.1.4 asks for 512 and more with extensions."""
    authentication_line: int = 12288
    """RFC 4954 section 4."""
    errors: int = 20
    """Refused commands since the last accepted message, before the session is ended."""
    idle_commands: int = 100
    """Commands that bring no message forward, since the last accepted one; each further is an error."""
    recipients: int = 1000
    message_size: int = 128 * 1024 * 1024

    command_timeout: float = 300.0
    """For one whole command line (RFC 5321 section 4.5.3.2.7)."""
    data_timeout: float = 180.0
    """Of silence while content arrives (RFC 5321 section 4.5.3.2.5)."""
    minimum_rate: int = 500
    """Bytes per second that content must arrive with, averaged over each `rate_period`."""
    rate_period: float = 60.0
    handshake_timeout: float = 60.0
    close_timeout: float = 10.0
    """For taking the last reply before the connection is cut."""
