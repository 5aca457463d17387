"""What people do with hold rules, and what happens when holds come to their end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet

from delivery.models import HoldRule, QueuedRecipient, State
from delivery.queue.holding import HoldingRule
from delivery.queue.holding_rules import AddHoldRule, EndHolds, HoldByRule, RemoveHoldRule
from delivery.queue.operations import SLICE, slices, wake_dispatcher
from delivery.queue.telling import tell_hold_rule
from mail import clock
from mail.audit_trail import Action
from mail.periodic.registry import every
from mail.store.write import Write
from mail.store.writer import writer


@dataclass(frozen=True, slots=True)
class RuleText:
    """The fields of a rule: account id, and domains as they are stored; empty ones match everything."""

    account_id: int | None = None
    sender_domain: str = ""
    recipient_domain: str = ""
    reason: str = ""
    until: clock.Moment | None = None


def add_hold_rule(rule: RuleText, by: str = "") -> tuple[HoldingRule, int]:
    """Make a rule and hold what matches it now; the rule, and how many recipients are held by it."""
    made: HoldingRule = (
        writer()
        .submit(
            AddHoldRule(
                rule.account_id, rule.sender_domain, rule.recipient_domain, rule.reason, rule.until, by
            )
        )
        .result()
    )
    held = _in_slices(_ids(_waiting(made).filter(held=False)), lambda ids: HoldByRule(ids, made))
    tell_hold_rule(Action.ADDED, made, held)
    return made, held


def remove_hold_rule(rule_id: int, *, release: bool, by: str = "") -> int | None:
    """Remove a rule and, if wanted, release what it holds; how many those were. None: there is no such rule.

    What another rule in force matches is held by that one from now on.
    """
    rule: HoldingRule | None = writer().submit(RemoveHoldRule(rule_id)).result()
    if rule is None:
        return None
    released = 0
    if release:
        released = _in_slices(_ids(held_by(rule)), lambda ids: EndHolds(ids, rule.hold_reason, by))
        wake_dispatcher()
    tell_hold_rule(Action.REMOVED, rule, released)
    return released


def held_by(rule: HoldingRule) -> QuerySet[QueuedRecipient]:
    """The recipients that a rule holds."""
    return _waiting(rule).filter(held=True, hold_reason=rule.hold_reason)


def rule_of(row: HoldRule) -> HoldingRule:
    """The rule of a row."""
    return HoldingRule(row.pk, row.account_id, row.sender_domain, row.recipient_domain, row.reason, row.until)


@every(minutes=1, name="holds")
def end_holds() -> None:
    """Release what was held for as long as was said, and remove the rules that have come to their end."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM delivery_queuedrecipient WHERE state = 'waiting' AND held AND held_until <= %s",
            [clock.now()],
        )
        ids = [id_ for (id_,) in cursor.fetchall()]
    if _in_slices(ids, lambda part: EndHolds(part, "", "")):
        wake_dispatcher()
    for rule in HoldRule.objects.filter(until__lte=clock.now()).values_list("pk", flat=True):
        remove_hold_rule(rule, release=True)


def _waiting(rule: HoldingRule) -> QuerySet[QueuedRecipient]:
    """The waiting recipients that a rule matches."""
    rows = QueuedRecipient.objects.filter(state=State.WAITING)
    if rule.account_id is not None:
        rows = rows.filter(message__account_id=rule.account_id)
    if rule.sender_domain:
        rows = rows.filter(message__sender_domain=rule.sender_domain)
    if rule.recipient_domain:
        rows = rows.filter(domain=rule.recipient_domain)
    return rows


def _ids(rows: QuerySet[QueuedRecipient]) -> list[int]:
    return list(rows.values_list("id", flat=True))


def _in_slices(ids: Sequence[int], write: Callable[[tuple[int, ...]], Write]) -> int:
    return sum(writer().submit(write(part)).result() for part in slices(ids, SLICE))
