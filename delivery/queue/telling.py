"""What the log of changes is told of operations on the queue."""

from collections.abc import Sequence
from typing import Any, Final

from delivery.models import QueuedRecipient
from delivery.queue.changes import (
    Change,
    DemandTls,
    Drop,
    Hold,
    MoveBy,
    MoveTo,
    Release,
    RetryNow,
    TakeTransport,
)
from delivery.queue.holding import HoldingRule
from delivery.queue.when import duration_text
from mail import clock
from mail.audit_trail import Action, tell
from mail.models import Account

NAMED: Final = 5
"""Recipients that are told by their addresses; of more only how many."""

Before = Sequence[tuple[str, Any]]
"""Addresses of recipients, and what the field that is about to change is."""


def before(ids: Sequence[int], change: Change | None) -> Before:
    """What there is now, of as many as are named. None stands for giving up."""
    column = _column(change)
    rows = QueuedRecipient.objects.filter(id__in=ids[:NAMED]).order_by("id")
    return [(str(row), _shown(column, getattr(row, column))) for row in rows]


def tell_operation(count: int, earlier: Before, change: Change | None) -> None:
    """So many recipients were changed; nothing is told of none."""
    if not count:
        return
    others = f" and {count - len(earlier)} more" if count > len(earlier) else ""
    values = list(dict.fromkeys(value for _, value in earlier))
    after = _after(change)
    tell(
        Action.CHANGED,
        "queue",
        ", ".join(address for address, _ in earlier) + others,
        {_column(change): (values[0] if len(values) == 1 else values, after), "recipients": (None, count)},
    )


def tell_hold_rule(action: Action, rule: HoldingRule, recipients: int) -> None:
    """A rule was made or removed, and so many recipients were held or released with it."""
    accounts = Account.objects.filter(pk=rule.account_id or 0)
    fields = {
        "account": accounts.values_list("name", flat=True).first(),
        "sender_domain": rule.sender_domain,
        "recipient_domain": rule.recipient_domain,
        "reason": rule.reason,
        "until": _shown("until", rule.until),
        "recipients": recipients,
    }
    given = {name: value for name, value in fields.items() if value}
    changes = {
        name: (value, None) if action is Action.REMOVED else (None, value) for name, value in given.items()
    }
    tell(action, "hold rule", str(rule.id), changes)


def _column(change: Change | None) -> str:
    match change:
        case RetryNow() | MoveTo() | MoveBy():
            return "due"
        case Hold() | Release():
            return "held"
        case TakeTransport():
            return "transport"
        case DemandTls():
            return "tls_demand"
        case Drop() | None:
            return "state"


def _after(change: Change | None) -> Any:
    match change:
        case RetryNow():
            return "now"
        case MoveTo():
            return _shown("due", change.moment)
        case MoveBy():
            return f"{duration_text(abs(change.duration))} {'earlier' if change.duration < 0 else 'later'}"
        case Hold():
            return change.reason or True
        case Release():
            return False
        case TakeTransport():
            return change.name or "as routes say"
        case DemandTls():
            return change.demand or "none"
        case Drop():
            return "dropped"
        case None:
            return "failed"


def _shown(column: str, value: Any) -> Any:
    if column in ("due", "until") and value is not None:
        return f"{clock.as_datetime(value):%Y-%m-%d %H:%M:%SZ}"
    return value
