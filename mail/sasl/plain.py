"""PLAIN (RFC 4616): user name and password in one message. Only under TLS."""

from typing import Final

from mail.errors import MailError
from mail.sasl.exchange import PasswordClaim, malformed, read_text
from mail.sasl.mechanism import SaslError

NAME: Final = "PLAIN"


class PlainServer:
    """The server side."""

    name = NAME

    def step(self, response: bytes | None) -> bytes | PasswordClaim:
        """The claim; without initial response first an empty challenge. Raises MailError."""
        return b"" if response is None else parse_plain(response)


class PlainClient:
    """The client side."""

    name = NAME

    def __init__(self, username: str, password: str) -> None:
        if "\0" in username + password:
            raise SaslError("PLAIN can't send a NUL character")
        self._message = f"\0{username}\0{password}".encode()
        self.finished = False

    def initial(self) -> bytes:
        """The whole message."""
        self.finished = True
        return self._message

    def step(self, challenge: bytes) -> bytes:
        """Always raises SaslError: there is nothing to say after the initial response."""
        raise SaslError("the server sent a challenge after PLAIN was finished")


def parse_plain(message: bytes) -> PasswordClaim:
    """User name and password from the client's message.

    An authorization identity other than the user name itself asks to act for somebody else, which nobody
    may here. Raises MailError.
    """
    parts = message.split(b"\0")
    if len(parts) != 3:
        raise malformed("not three parts separated by NUL")
    authorization, username, password = map(read_text, parts)
    if not username or not password:
        raise malformed("user name or password is empty")
    if authorization not in ("", username):
        raise MailError(535, "5.7.8", "acting for another user is not possible", cause="foreign authzid")
    return PasswordClaim(username, password)
