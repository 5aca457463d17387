"""What an account has used of its limits, for people."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from delivery.outgoing_limits.budget import NEAR, Limit, threshold
from delivery.outgoing_limits.usage import Usage, usage
from delivery.outgoing_limits.words import after_text, count_text
from delivery.quotas.warning import LEVEL
from mail import clock
from mail.models import Account, AccountCounters
from mail.store.deliver import MEGABYTE
from moxsite.pages.words import size_text

_LABELS: Final = {
    Limit.MESSAGES: "Outgoing messages",
    Limit.RECIPIENTS: "First-time recipients",
}
_MEANINGS: Final = {
    Limit.MESSAGES: "In the last 24 hours, counted once for each recipient of a message.",
    Limit.RECIPIENTS: "In the last 24 hours: addresses that this account had never written to before.",
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One limit. `percent` is the length of the bar, None where there is nothing to measure."""

    label: str
    text: str
    note: str
    percent: int | None = None
    colour: str = ""
    """How near the limit is: "", amber or red."""


def account_limits(account: Account) -> list[Bar]:
    """Messages, first-time recipients and mail kept, as they stand now."""
    moment = clock.now()
    return [*(_bar(each, moment) for each in usage(_rows, account.pk, moment)), kept_mail(account)]


def _rows(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def _bar(one: Usage, moment: clock.Moment) -> Bar:
    label, note = _LABELS[one.limit], _MEANINGS[one.limit]
    if one.allowed is None:
        return Bar(label, "unlimited", note)
    if not one.allowed:
        text = "none allowed" if one.limit is Limit.MESSAGES else "none allowed, but all known ones"
        return Bar(label, text, note)
    text = f"{count_text(one.used, one.allowed)} of {one.allowed} used"
    if one.frees is not None:
        when = after_text(one.frees, moment)
        note += f" {'Possible again' if one.is_reached else 'Fewer count'} {when}."
    return _measured(label, text, note, one.used, one.allowed, NEAR)


def kept_mail(account: Account) -> Bar:
    """How much of its quota the account's mail takes."""
    used = AccountCounters.objects.filter(account=account).values_list("bytes", flat=True).first() or 0
    note = "All messages in all mailboxes of the account."
    if not account.quota_mb:
        return Bar("Mail kept", f"{size_text(used)}, unlimited", note)
    allowed = account.quota_mb * MEGABYTE
    if used >= allowed:
        note += " New mail is refused: remove some."
    text = f"{size_text(used)} of {account.quota_mb} MB used"
    return _measured("Mail kept", text, note, used, allowed, LEVEL)


def _measured(label: str, text: str, note: str, used: int, allowed: int, near: int) -> Bar:
    colour = "red" if used >= allowed else "amber" if used >= threshold(allowed, near) else ""
    return Bar(label, text, note, min(used * 100 // allowed, 100), colour)
