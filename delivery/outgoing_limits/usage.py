"""How much of its limits an account has used, for people: the numbers that a submission is judged by."""

from dataclasses import dataclass

from delivery.outgoing_limits.budget import UNLIMITED, Budget, Limit
from delivery.outgoing_limits.history import Rows, budgets, oldest_that_must_go
from mail import clock


@dataclass(frozen=True, slots=True)
class Usage:
    """One limit of an account. `used` goes up to one more than `allowed`, which is None when unlimited.

    `frees` is when one more is possible, if none is now, and otherwise when less will be used; None when
    nothing counts, or nothing is limited.
    """

    limit: Limit
    used: int
    allowed: int | None
    frees: clock.Moment | None

    @property
    def is_reached(self) -> bool:
        """Whether nothing more is possible now."""
        return self.allowed is not None and self.used >= self.allowed


def usage(rows: Rows, account: int, moment: clock.Moment) -> tuple[Usage, ...]:
    """Both limits, as they stand at `moment`. Not for event loops."""
    budget = budgets(rows, {account: ()}, moment)[account]
    return tuple(_usage(rows, account, limit, budget.budget(limit), moment) for limit in Limit)


def _usage(rows: Rows, account: int, limit: Limit, budget: Budget, moment: clock.Moment) -> Usage:
    if budget.allowed == UNLIMITED:
        return Usage(limit, 0, None, None)
    frees = None
    if budget.used and budget.allowed:
        remaining = min(budget.used, budget.allowed) - 1
        frees = oldest_that_must_go(rows, account, limit, remaining, moment)
    return Usage(limit, budget.used, budget.allowed, frees)
