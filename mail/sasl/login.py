"""LOGIN: user name and password asked for one after the other (draft-murchison-sasl-login). Only under TLS.

Old, but some mail programs know nothing else.
"""

from typing import Final

from mail.sasl.exchange import PasswordClaim, malformed, read_text
from mail.sasl.mechanism import SaslError

NAME: Final = "LOGIN"

_ASK_USERNAME: Final = b"Username:"  # some clients compare these words
_ASK_PASSWORD: Final = b"Password:"


class LoginServer:
    """The server side. An initial response is taken as the user name."""

    name = NAME

    def __init__(self) -> None:
        self._username: str | None = None

    def step(self, response: bytes | None) -> bytes | PasswordClaim:
        """The two questions, then the claim. Raises MailError."""
        if response is None:
            return _ASK_USERNAME
        answer = read_text(response)
        if not answer:
            raise malformed("user name or password is empty")
        if self._username is None:
            self._username = answer
            return _ASK_PASSWORD
        return PasswordClaim(self._username, answer)


class LoginClient:
    """The client side. Servers word their questions differently; only the order counts."""

    name = NAME

    def __init__(self, username: str, password: str) -> None:
        self._answers = [password.encode(), username.encode()]

    @property
    def finished(self) -> bool:
        """Whether user name and password were sent."""
        return not self._answers

    def initial(self) -> None:
        """None: the server asks first."""

    def step(self, challenge: bytes) -> bytes:
        """The next answer. Raises SaslError when the server asks a third time."""
        if not self._answers:
            raise SaslError("the server asked a third time in LOGIN")
        return self._answers.pop()
