"""How long each step with a server may take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. The defaults are the minimums of RFC 5321 section 4.5.3.2 where it has one.

    Giving up early after the final dot means sending the message twice to a server that was still
    filtering it, so these are long; `setup` and `session` keep a hostile server from adding them up.
    """

    connect: float = 30.0
    """Resolving a host and connecting to one of its addresses."""
    setup: float = 300.0
    """From the connection to the end of the login."""
    greeting: float = 300.0
    command: float = 300.0
    """One reply to EHLO, STARTTLS, AUTH, MAIL, RCPT or RSET."""
    handshake: float = 60.0
    """The TLS handshake."""
    data: float = 120.0
    """The reply to DATA."""
    block: float = 180.0
    """Sending one block of content."""
    end: float = 600.0
    """The reply to the final dot."""
    quit: float = 5.0
    session: float = 1800.0
    """One connection with all its transactions."""
