"""Figures and states in the reader's words."""

from dataclasses import dataclass
from typing import Final

from delivery.models import QueuedRecipient, State
from mail.clock import HOUR, MINUTE, SECOND

_UNITS: Final = ("kB", "MB", "GB", "TB")


@dataclass(frozen=True, slots=True)
class Chip:
    """A state as a word and the colour behind it."""

    word: str
    colour: str


HELD: Final = Chip("held", "blue")
_CHIPS: Final = {
    State.WAITING.value: Chip("waiting", "amber"),
    State.DELIVERED.value: Chip("delivered", "green"),
    State.FAILED.value: Chip("failed", "red"),
    State.DROPPED.value: Chip("dropped", "grey"),
}


def state_chip(recipient: QueuedRecipient) -> Chip:
    """How a recipient of a sent message stands."""
    if recipient.held and recipient.state == State.WAITING:
        return HELD
    return _CHIPS[recipient.state]


def chip_of_state(state: str, held: bool = False) -> Chip:
    """The chip for a state, for counts over many recipients."""
    return HELD if held and state == State.WAITING else _CHIPS[state]


def counted(number: int, noun: str) -> str:
    """A number of things: 1 message, 3 messages, 2 addresses."""
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun}{'es' if noun.endswith('s') else 's'}"


def size_text(size: int) -> str:
    """Bytes in decimal units, with one digit after the point below ten: 812 B, 3.4 kB, 128 MB."""
    if size < 1000:
        return f"{size} B"
    value = float(size)
    for unit in _UNITS:
        value /= 1000
        if value < 999.5 or unit == _UNITS[-1]:
            break
    return f"{value:.1f} {unit}" if value < 9.95 else f"{value:.0f} {unit}"


def duration_text(microseconds: int) -> str:
    """How long something took: 0.41 s, 12 s, 2 min 5 s, 3 h 20 min."""
    if microseconds < 10 * SECOND:
        return f"{microseconds / SECOND:.2f} s"
    if microseconds < MINUTE:
        return f"{microseconds / SECOND:.0f} s"
    if microseconds < HOUR:
        minutes, rest = divmod(microseconds // SECOND, 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, rest = divmod(microseconds // MINUTE, 60)
    return f"{hours} h {rest} min" if rest else f"{hours} h"
