"""Listening to sessions: their lines with times, and the steps that these show. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from delivery.probe.report import Step, TranscriptLine
from delivery.smtp.client.transcript import Line
from mail import clock

_CONNECTED: Final = "[connected to "
_NAMES: Final = {"AUTH": "login", "MAIL": "sender", "RCPT": "recipient", "RSET": "reset"}


class Recorder:
    """Takes the lines of sessions that follow each other; see delivery.smtp.client.transcript.Observer."""

    def __init__(self) -> None:
        self._began = clock.monotonic()
        self.lines: list[TranscriptLine] = []

    def __call__(self, line: Line) -> None:
        self.lines.append(TranscriptLine(self.seconds, line.from_server, line.text))

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return clock.monotonic() - self._began


@dataclass(slots=True)
class _Asked:
    """A command that has no answer yet."""

    verb: str
    seconds: float


def session_steps(lines: Sequence[TranscriptLine], began: float = 0.0) -> Iterator[Step]:
    """Connecting, greeting, TLS, and each command with its reply. `began`: when the first connection was."""
    asked: _Asked | None = None
    handshake = False
    last = began
    for line in lines:
        if line.text.startswith("[") and not line.from_server:
            connected = line.text.startswith(_CONNECTED)
            if connected and handshake:
                yield Step("TLS", 0.0, False, "the handshake failed")
            asked, handshake = None, False
            text = line.text[1:-1].removeprefix("connected to ")
            yield Step("connect" if connected else "TLS", line.seconds - last, True, text)
        elif not line.from_server:
            verb = line.text.partition(" ")[0]
            if asked is None:
                asked = _Asked(verb, line.seconds)
            handshake = False
        elif asked is None:
            yield _answered("greeting", line, last)
        elif not (asked.verb == "AUTH" and line.text.startswith("334")):
            yield _answered(_NAMES.get(asked.verb, asked.verb), line, asked.seconds)
            handshake = asked.verb == "STARTTLS" and line.text.startswith("220")
            asked = None
        last = line.seconds


def _answered(name: str, line: TranscriptLine, since: float) -> Step:
    return Step(name, line.seconds - since, line.text[:1] in ("2", "3"), line.text)
