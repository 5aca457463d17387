"""Accounts that came near a limit or reached it, for the banner and the start page."""

from dataclasses import dataclass
from typing import Final

from django.urls import reverse

from delivery.limit_notices.texts import QUOTA
from delivery.models import LimitNotice
from delivery.outgoing_limits.budget import REACHED, Limit
from mail import clock
from mail.clock import as_datetime
from mail.models import Account, AccountCounters
from mail.store.deliver import MEGABYTE

_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class LimitFinding:
    """A sentence, and where to do something about it. `reached`: something is refused because of it."""

    text: str
    url: str
    reached: bool


STEP: Final = "See the account"


def limit_findings() -> list[LimitFinding]:
    """Those of now: of the last 24 hours for what is sent, and as it stands for what is kept."""
    found: dict[tuple[int, str], LimitFinding] = {}
    rows = LimitNotice.objects.select_related("account").order_by("-level", "-moment")
    since = clock.now() - clock.DAY
    for row in rows:
        key = (row.account_id, row.kind)
        if key in found:
            continue
        finding = _quota(row.account) if row.kind == QUOTA else _outgoing(row, since)
        if finding is not None:
            found[key] = finding
    return sorted(found.values(), key=lambda finding: not finding.reached)[:_NAMED]


def _outgoing(row: LimitNotice, since: clock.Moment) -> LimitFinding | None:
    limit = Limit(row.kind)
    if row.moment <= since or getattr(row.account, limit.setting) != row.allowed:
        return None
    when = f"{as_datetime(row.moment):%H:%M} UTC"
    if row.level == REACHED:
        text = (
            f"Account {row.account.name} reached its limit of {row.allowed} {limit.noun} in 24 hours at "
            f"{when}. Find out whether its owner sends that much, or somebody else knows the password."
        )
    else:
        text = (
            f"Account {row.account.name} had used {row.used} of {row.allowed} {limit.noun} in 24 hours at "
            f"{when}."
        )
    return LimitFinding(text, _url(row.account), row.level == REACHED)


def _quota(account: Account) -> LimitFinding | None:
    used = AccountCounters.objects.filter(account=account).values_list("bytes", flat=True).first() or 0
    if not account.quota_mb:
        return None
    percent = used * 100 // (account.quota_mb * MEGABYTE)
    if percent >= REACHED:
        text = f"Account {account.name} has used up its quota of {account.quota_mb} MB: new mail is refused."
        return LimitFinding(text, _url(account), True)
    text = f"Account {account.name} has used {percent} % of its quota of {account.quota_mb} MB."
    return LimitFinding(text, _url(account), False)


def _url(account: Account) -> str:
    return reverse("admin:mail_account_change", args=[account.pk])
