"""What an account has used of its limits, and what a batch of messages takes of the rest. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from mail import clock
from mail.addresses.address import Address

WINDOW: Final = clock.DAY
"""What counts is strictly newer than this. It rolls: it does not begin at midnight."""

UNLIMITED: Final = -1

NEAR: Final = 80
REACHED: Final = 100
"""Percentages of a limit at which people are told."""


class Limit(StrEnum):
    """What is limited; the value is that of LimitNotice.kind."""

    MESSAGES = "messages"
    RECIPIENTS = "recipients"

    @property
    def setting(self) -> str:
        """The setting of the account, as in the configuration file."""
        if self is Limit.MESSAGES:
            return "max_outgoing_messages_per_day"
        return "max_first_time_recipients_per_day"

    @property
    def noun(self) -> str:
        """What it is called."""
        return "outgoing messages" if self is Limit.MESSAGES else "first-time recipients"

    @property
    def counted(self) -> str:
        """Under which label its refusals are counted (delivery.metrics.SUBMISSIONS)."""
        return "messagelimiterror" if self is Limit.MESSAGES else "recipientlimiterror"


@dataclass(slots=True)
class Budget:
    """One limit. `used` stands in the database, at most `allowed` + 1 of it; `taken` is this batch's."""

    allowed: int
    used: int = 0
    taken: int = 0

    @property
    def total(self) -> int:
        """All that counts now."""
        return self.used + self.taken

    def fits(self, needed: int) -> bool:
        """Whether so many more are allowed. Nothing more always is, also when the limit was lowered."""
        return self.allowed == UNLIMITED or needed == 0 or self.total + needed <= self.allowed

    def take(self, needed: int) -> int | None:
        """Count so many more; the percentage that was crossed by it, if any, the higher one if both were."""
        before = self.total
        self.taken += needed
        for level in (REACHED, NEAR):
            if self.allowed > 0 and before < threshold(self.allowed, level) <= self.total:
                return level
        return None


@dataclass(slots=True)
class AccountBudget:
    """Both limits of an account. `known` are those of the asked addresses that it has written to before."""

    account_id: int
    name: str
    messages: Budget
    recipients: Budget
    known: set[Address] = field(default_factory=set)

    def budget(self, limit: Limit) -> Budget:
        """The one for this limit."""
        return self.messages if limit is Limit.MESSAGES else self.recipients

    def first_time(self, addresses: Iterable[Address]) -> set[Address]:
        """Those of the addresses that it writes to for the first time."""
        return set(addresses) - self.known

    def exceeded(self, addresses: Iterable[Address]) -> Limit | None:
        """The limit that a message to these addresses would exceed. One that is named twice counts once."""
        distinct = set(addresses)
        if not self.messages.fits(len(distinct)):
            return Limit.MESSAGES
        return None if self.recipients.fits(len(self.first_time(distinct))) else Limit.RECIPIENTS

    def take(self, addresses: Iterable[Address]) -> list[tuple[Limit, int]]:
        """Count an accepted message; the limits of which a level was crossed, each with the percentage."""
        distinct = set(addresses)
        new = self.first_time(distinct)
        self.known |= new
        levels = (
            (Limit.MESSAGES, self.messages.take(len(distinct))),
            (Limit.RECIPIENTS, self.recipients.take(len(new))),
        )
        return [(limit, level) for limit, level in levels if level is not None]


def threshold(allowed: int, level: int) -> int:
    """From how many on a percentage of the limit is reached."""
    return -(-allowed * level // 100)
