"""The lines of a session in the log: commands and replies at trace, credentials only at traceauth."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from mail.errors import Reply
from mail.log.levels import TRACE, TRACEAUTH

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Line:
    """One line, or one remark about message data. `from_server` tells the direction."""

    from_server: bool
    text: str


Observer = Callable[[Line], None]
"""Sees each line as it is sent or received, with credentials masked."""

MASK = "***"


class Transcript:
    """Where the lines of one session go: the log, and the observer if there is one."""

    def __init__(self, peer: str, observer: Observer | None = None) -> None:
        self._peer = peer
        self._observer = observer

    @property
    def wanted(self) -> bool:
        """Whether anyone reads; otherwise the lines need not be made."""
        return self._observer is not None or log.isEnabledFor(TRACE)

    def sent(self, text: str) -> None:
        """A command, or a remark in brackets about what was sent."""
        self._note(Line(False, text), None)

    def sent_secret(self, command: str, secret: str) -> None:
        """A line that ends in a credential."""
        shown = f"{command} {MASK}".lstrip()
        self._note(Line(False, shown), f"{command} {secret}".lstrip())

    def connected(self) -> None:
        """A remark that the connection stands."""
        self._note(Line(False, f"[connected to {self._peer}]"), None)

    def encrypted(self, tls: str) -> None:
        """A remark that from here on all is encrypted."""
        self._note(Line(False, f"[{tls}]"), None)

    def received(self, reply: Reply) -> None:
        """A reply of the server."""
        self._note(Line(True, str(reply)), None)

    def received_secret(self, reply: Reply) -> None:
        """A challenge: what it says may give away the password together with the answer."""
        self._note(Line(True, f"{reply.code} {MASK}"), str(reply))

    def _note(self, line: Line, in_full: str | None) -> None:
        if log.isEnabledFor(TRACE):
            shown = in_full if in_full is not None and log.isEnabledFor(TRACEAUTH) else line.text
            level = TRACE if shown == line.text else TRACEAUTH
            fields = {"peer": self._peer, "from": "server" if line.from_server else "client", "line": shown}
            log.log(level, "smtp client line", extra={"fields": fields})
        if self._observer is not None:
            self._observer(line)
