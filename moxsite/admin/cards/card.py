"""One card of the start page."""

import enum
from dataclasses import dataclass
from typing import Final

from moxsite.pages.words import Chip


class Health(enum.IntEnum):
    """How a part stands, the worst first."""

    WRONG = 0
    WATCH = 1
    FINE = 2
    UNKNOWN = 3


_COLOURS: Final = {
    Health.WRONG: "red",
    Health.WATCH: "amber",
    Health.FINE: "green",
    Health.UNKNOWN: "grey",
}


@dataclass(frozen=True, slots=True)
class Card:
    """What the heading links to, the state in a word, and a sentence. `step`: what to do about it."""

    title: str
    url: str
    health: Health
    word: str
    text: str
    step: str = ""

    @property
    def chip(self) -> Chip:
        """The state."""
        return Chip(self.word, _COLOURS[self.health])
