"""Which configuration the edge processes of this machine answer by.

Who has changed it can wait until all of them use the change: each alone would notice within a second, and
until then a client would be answered now by the one before, now by the new one.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mail import clock
from mail.configuration.snapshots import Snapshots
from webserver.told import ask_each

GENERATION: Final = "generation"
"""The question, with the generation that is waited for behind (webserver.telling)."""

WAIT_SECONDS: Final = 5.0
_PAUSE: Final = 0.02


class InUse:
    """Of one edge process."""

    def __init__(self, snapshots: Snapshots) -> None:
        self._snapshots = snapshots
        self.generation = 0
        """Of the configuration by which the next request is answered."""

    def told(self, wanted: str) -> bytes:
        """What there is to tell who waits for a generation. A process that has not seen it yet looks now."""
        refusal = self._snapshots.refusal
        is_refused = refusal is not None and refusal.generation >= int(wanted)
        if self.generation < int(wanted) and not is_refused:
            self._snapshots.poke()
        reason = refusal.reason if refusal is not None and is_refused else ""
        return json.dumps({"generation": self.generation, "refused": reason}).encode()


@dataclass(frozen=True, slots=True)
class Waited:
    """How many processes answer by the configuration, and by number what is the matter with the others."""

    using: int
    others: Mapping[int, str]

    @property
    def sentence(self) -> str:
        """For who has changed the configuration."""
        if self.others:
            each = [f"process {process} {problem}" for process, problem in sorted(self.others.items())]
            return f"The web does not use it everywhere yet: {'; '.join(each)}."
        if self.using:
            return "The web uses it now; every other process follows within a second."
        return "Every process follows within a second."


def wait_for_edges(folder: Path, generation: int, seconds: float = WAIT_SECONDS) -> Waited:
    """Wait until all edge processes answer by this generation or a later one, or have refused it."""
    until = clock.monotonic() + seconds
    pause = threading.Event()
    while True:
        answers = ask_each(folder, f"{GENERATION} {generation}")
        states = {process: json.loads(answer) if answer else None for process, answer in answers.items()}
        others = {
            process: _problem(state)
            for process, state in states.items()
            if state is None or state["generation"] < generation
        }
        may_change = any(state is None or not state["refused"] for state in map(states.get, others))
        if not may_change or clock.monotonic() >= until:
            return Waited(len(states) - len(others), others)
        pause.wait(_PAUSE)


def _problem(state: Mapping[str, str] | None) -> str:
    if state is None:
        return "does not say what it uses"
    if state["refused"]:
        return f"stays with the one before ({state['refused']})"
    return "still uses the one before"
