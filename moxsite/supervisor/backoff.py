"""How long to wait before a child that died is started again."""

from dataclasses import dataclass

HEALTHY_SECONDS = 60.0
"""A child that lived this long is well: its earlier deaths are forgotten."""

FIRST_DELAY_SECONDS = 0.5
LONGEST_DELAY_SECONDS = 30.0
HOPELESS_DEATHS = 5


@dataclass(slots=True)
class Backoff:
    """Delays of half a second, doubling; thirty seconds from the fifth quick death on."""

    quick_deaths: int = 0

    def delay_after(self, lifetime: float) -> float:
        """Seconds to wait after a child died that lived for `lifetime` seconds."""
        self.quick_deaths = 1 if lifetime >= HEALTHY_SECONDS else self.quick_deaths + 1
        if self.quick_deaths >= HOPELESS_DEATHS:
            return LONGEST_DELAY_SECONDS
        return FIRST_DELAY_SECONDS * float(2 ** (self.quick_deaths - 1))

    @property
    def keeps_dying(self) -> bool:
        """Whether somebody should look at it."""
        return self.quick_deaths >= HOPELESS_DEATHS
