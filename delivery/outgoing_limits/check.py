"""Checking and noting what accounts send, in the commit that accepts it.

The writer has locked the accounts, so that submissions of one account in several processes follow each
other: two messages never take the same last place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from delivery.limit_notices.telling import tell
from delivery.limit_notices.texts import Crossing
from delivery.outgoing_limits.budget import REACHED, AccountBudget, Limit
from delivery.outgoing_limits.history import budgets, frees_at, record
from delivery.outgoing_limits.refusal import account_is_gone, refusal
from mail import clock
from mail.addresses.address import Address
from mail.errors import MailError
from mail.store.write import Transaction


class Sent(Protocol):
    """A message of an account, as far as limits are concerned."""

    @property
    def account_id(self) -> int:
        """Whose limits count."""

    @property
    def addressed(self) -> Sequence[Address]:
        """Its recipients, local ones too."""


def check_limits(current: Transaction, messages: Sequence[Sent]) -> list[MailError | None]:
    """For each message None, or its refusal; those that are accepted count for the ones that follow.

    Owners are told in the same commit when they come near a limit or reach it.
    """
    if not messages:
        return []
    moment = clock.now()
    asked: dict[int, set[Address]] = {}
    for message in messages:
        asked.setdefault(message.account_id, set()).update(message.addressed)
    judge = _Judge(current, budgets(current.rows, asked, moment), moment, {})
    results = [judge.judge(message) for message in messages]
    for crossing in judge.crossings.values():
        tell(current, crossing)
    return results


def record_messages(current: Transaction, messages: Sequence[Sent]) -> None:
    """Note whom accepted messages go to."""
    record(current, [(message.account_id, message.addressed) for message in messages], clock.now())


@dataclass(slots=True)
class _Judge:
    current: Transaction
    budgets: dict[int, AccountBudget]
    moment: clock.Moment
    crossings: dict[tuple[int, Limit], Crossing]

    def judge(self, message: Sent) -> MailError | None:
        budget = self.budgets.get(message.account_id)
        if budget is None:
            return account_is_gone()
        limit = budget.exceeded(message.addressed)
        if limit is not None:
            return self._refuse(budget, limit, message)
        for crossed, level in budget.take(message.addressed):
            frees = self._frees(budget, crossed, 1) if level == REACHED else None
            self._note(budget, crossed, level, frees)
        return None

    def _refuse(self, budget: AccountBudget, limit: Limit, message: Sent) -> MailError:
        distinct = set(message.addressed)
        needed = len(distinct if limit is Limit.MESSAGES else budget.first_time(distinct))
        frees = self._frees(budget, limit, needed)
        if budget.budget(limit).allowed:
            self._note(budget, limit, REACHED, frees)
        return refusal(budget.name, limit, budget.budget(limit), needed, frees, self.moment)

    def _frees(self, budget: AccountBudget, limit: Limit, needed: int) -> clock.Moment | None:
        return frees_at(self.current.rows, budget, limit, needed, self.moment)

    def _note(self, budget: AccountBudget, limit: Limit, level: int, frees: clock.Moment | None) -> None:
        """The highest level counts, with the numbers as they are when it is crossed."""
        earlier = self.crossings.get((budget.account_id, limit))
        if earlier is None or earlier.level < level:
            one = budget.budget(limit)
            self.crossings[budget.account_id, limit] = Crossing(
                budget.account_id, limit.value, level, one.total, one.allowed, self.moment, frees
            )
