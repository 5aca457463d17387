"""What all SASL mechanisms have in common on the server side (RFC 4422)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from mail.errors import MailError

Claim_co = TypeVar("Claim_co", covariant=True)


@dataclass(frozen=True, slots=True)
class PasswordClaim:
    """The outcome of an exchange in which the client sent its password. Whether it is right is still open."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SaltQuestion:
    """An exchange goes on once somebody has looked up the salt and iteration count of a user name.

    A name that nobody has gets a salt as well, always the same one. `answer` takes both and gives the next
    challenge. `hash_name` is a key of mail.sasl.scram_keys.HASHES.
    """

    username: str
    hash_name: str
    answer: Callable[[bytes, int], bytes]


class ServerExchange(Protocol[Claim_co]):
    """The server side of one exchange, without input and output.

    All data are bytes before base64. An exchange ends with a claim: who the client says it is, and its
    proof, which the caller checks against the stored credentials, outside of the event loop.
    """

    @property
    def name(self) -> str:
        """The name as registered, in upper case."""

    def step(self, response: bytes | None) -> bytes | SaltQuestion | Claim_co:
        """The next challenge, the question whose answer is the next challenge, or the claim at the end.

        Called first with the initial response, None without one, then with each response. Raises MailError
        with the reply that ends the exchange.
        """


class Tampered(MailError):
    """The two sides of a login do not see the same connection, or not the same offer: what somebody between
    them causes. The password may be right.
    """


def read_text(data: bytes) -> str:
    """A user name or password as the client sent it. Raises MailError for anything but UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise malformed("not UTF-8") from None


def malformed(cause: str) -> MailError:
    """The error for a response that breaks the rules of its mechanism (RFC 4954 section 4)."""
    return MailError(501, "5.5.2", "authentication response not understood", cause=cause)
