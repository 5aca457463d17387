"""What sendmail says on standard error, without secrets and without what could act on a terminal."""

import base64
import sys
from typing import Final

from delivery.dsn.lines import printable
from delivery.smtp.client.transcript import MASK, Line

PROGRAM: Final = "sendmail"


class Teller:
    """Writes lines. Servers may repeat in a reply what they were sent: `hide` names what nobody shall see."""

    def __init__(self) -> None:
        self._hidden: tuple[str, ...] = ()

    def hide(self, username: str, password: str) -> None:
        """From now on show neither the password nor the forms in which a login sends it."""
        if not password:
            return
        plain = f"\0{username}\0{password}".encode()
        self._hidden = (_base64(plain), _base64(password.encode()), password)

    def say(self, text: str) -> None:
        """One line, with the program's name in front."""
        self._write(f"{PROGRAM}: {text}")

    def show(self, line: Line) -> None:
        """A line of the conversation with the server."""
        for text in line.text.split("\n"):
            self._write(f"{'<' if line.from_server else '>'} {text}")

    def clean(self, text: str) -> str:
        """The text on one line, as it may be shown and kept."""
        for secret in self._hidden:
            text = text.replace(secret, MASK)
        return printable(text, international=True)

    def _write(self, text: str) -> None:
        print(self.clean(text), file=sys.stderr, flush=True)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
