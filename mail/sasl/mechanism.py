"""What all SASL mechanisms have in common on the client side (RFC 4422)."""

from typing import Protocol


class SaslError(Exception):
    """The client side of an exchange can't go on: the server sent something wrong, or nothing fits."""


class Mechanism(Protocol):
    """The client side of one exchange, without input and output.

    All data are bytes before base64. The server's success counts only when `finished` is true: before
    that, it has not shown or got what the mechanism demands.
    """

    @property
    def name(self) -> str:
        """The name as registered, in upper case."""

    @property
    def finished(self) -> bool:
        """Whether everything that the client has to send and check was sent and checked."""

    def initial(self) -> bytes | None:
        """The initial response; None when the server speaks first."""

    def step(self, challenge: bytes) -> bytes:
        """The response to a challenge. Raises SaslError; the exchange must then be cancelled.

        May take a third of a second of processor time: not for event loops.
        """
