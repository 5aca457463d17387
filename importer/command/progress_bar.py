"""How far an import is, in one line of a terminal; problems above it as they come."""

from django.core.management.base import OutputWrapper

from importer.engine.progress import Progress
from importer.staging.events import PROBLEM, News
from mail import clock

_WIDTH = 30
_EVERY_SECONDS = 0.1


class ProgressBar:
    """Writes to a stream; the bar itself only where that is a terminal."""

    def __init__(self, stream: OutputWrapper) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._begun = clock.monotonic()
        self._next = 0.0

    def told(self, progress: Progress, news: tuple[News, ...]) -> None:
        """Something was committed, or folders are being looked for."""
        if progress.is_looking:
            self._begun = clock.monotonic()  # bringing in begins behind it, at the start of the source
        for each in news:
            if each.kind == PROBLEM:
                self._clear()
                self._stream.write(f"problem: {printable(each.data['message'])}")
        if self._is_terminal and clock.monotonic() >= self._next:
            self._next = clock.monotonic() + _EVERY_SECONDS
            self._stream.write(f"\r{self._line(progress)}\x1b[K", ending="")
            self._stream.flush()

    def close(self) -> None:
        """Leave the terminal clean."""
        self._clear()

    def _line(self, progress: Progress) -> str:
        part = progress.position / progress.size if progress.size else 0.0
        filled = min(_WIDTH, int(part * _WIDTH))
        bar = "#" * filled + "-" * (_WIDTH - filled)
        if progress.is_looking:
            return f"[{bar}] {part:4.0%}  Looking at what is in it"
        seconds = max(clock.monotonic() - self._begun, 0.001)
        left = seconds * (1 - part) / part if part else 0.0
        return (
            f"[{bar}] {part:4.0%}  {progress.messages} messages, {progress.messages / seconds:.0f}/s, "
            f"{left:.0f} s left"
        )

    def _clear(self) -> None:
        if self._is_terminal:
            self._stream.write("\r\x1b[K", ending="")


def printable(text: str) -> str:
    """Names from archives must not steer the terminal."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
