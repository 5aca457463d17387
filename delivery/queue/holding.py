"""Hold rules as they are asked: for each message that is queued, in the commit that accepts it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mail import clock
from mail.store.write import Transaction


@dataclass(frozen=True, slots=True)
class HoldingRule:
    """A rule in force. An empty field matches everything."""

    id: int
    account_id: int | None
    sender_domain: str
    recipient_domain: str
    reason: str
    until: clock.Moment | None

    @property
    def hold_reason(self) -> str:
        """What a recipient that it holds says; it is also how such recipients are found again."""
        return f"hold rule {self.id}: {self.reason}" if self.reason else f"hold rule {self.id}"

    def matches(self, account_id: int | None, sender_domain: str, recipient_domain: str) -> bool:
        """Whether all given fields match. The null sender has the empty domain, which no given one is."""
        return (
            self.account_id in (None, account_id)
            and self.sender_domain in ("", sender_domain)
            and self.recipient_domain in ("", recipient_domain)
        )


COLUMNS = "id, account_id, sender_domain, recipient_domain, reason, until"


def holding_rules(current: Transaction) -> Sequence[HoldingRule]:
    """The rules in force, the oldest first.

    There are a few at the most, and reading them costs less than knowing when they changed. Whoever adds one
    waits for the transactions that have read (see AddHoldRule), so none slips through between.
    """
    rows = current.rows(
        f"SELECT {COLUMNS} FROM delivery_holdrule WHERE until IS NULL OR until > %s ORDER BY id",
        [clock.now()],
    )
    return [HoldingRule(*row) for row in rows]


def first_match(
    rules: Iterable[HoldingRule], account_id: int | None, sender_domain: str, recipient_domain: str
) -> HoldingRule | None:
    """The first rule that holds mail of this account between these domains."""
    for rule in rules:
        if rule.matches(account_id, sender_domain, recipient_domain):
            return rule
    return None
