"""One warning when an account has used 90 % of its quota, and another only after it had more room again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import F, Q

from delivery.limit_notices.telling import forget, tell
from delivery.limit_notices.texts import QUOTA, Crossing
from delivery.models import LimitNotice
from mail import clock
from mail.models import Account, AccountCounters
from mail.periodic.registry import every
from mail.store import readers
from mail.store.deliver import MEGABYTE
from mail.store.write import Locks, Transaction, Write, applies
from mail.store.writer import Writer, writer

LEVEL: Final = 90
"""Percentage of the quota at which the owner is warned."""

RELIEF: Final = 85
"""Below this percentage the warning holds no longer."""

_PERCENT: Final = MEGABYTE // 100


@dataclass(frozen=True, slots=True)
class JudgeQuota(Write):
    """Warn the owner of an account, or let the warning go, as the numbers are at the commit."""

    account_id: int


def warn_of_quotas(store: Writer) -> None:
    """Look at all accounts that have a quota. For worker threads."""
    for account in readers.run(_accounts_to_judge).result():
        store.submit(JudgeQuota(account)).result()


@every(minutes=5, name="warn of quotas")
def warn_of_full_accounts() -> None:
    """Accounts that are nearly full."""
    warn_of_quotas(writer())


def _locks(writes: Sequence[JudgeQuota]) -> Locks:
    return Locks(accounts={write.account_id for write in writes})


@applies(JudgeQuota, needs=_locks)
def judge_quotas(current: Transaction, writes: Sequence[JudgeQuota]) -> list[None]:
    for write in writes:
        _judge(current, write.account_id)
    return [None] * len(writes)


def _judge(current: Transaction, account: int) -> None:
    rows = current.rows(
        "SELECT c.bytes, a.quota_mb FROM mail_account a JOIN mail_account_counters c ON c.account_id = a.id "
        "WHERE a.id = %s",
        [account],
    )
    for used, quota in rows:
        if quota and used >= quota * _PERCENT * LEVEL:
            moment = clock.now()
            tell(current, Crossing(account, QUOTA, LEVEL, used, quota * MEGABYTE, moment))
        elif used < quota * _PERCENT * RELIEF or not quota:
            forget(current, account, QUOTA)


def _accounts_to_judge() -> list[int]:
    """Those nearly full, and those that were told so; few."""
    full = AccountCounters.objects.filter(
        account__quota_mb__gt=0, bytes__gte=F("account__quota_mb") * _PERCENT * LEVEL
    )
    told = LimitNotice.objects.filter(kind=QUOTA)
    wanted = Q(pk__in=full.values("account")) | Q(pk__in=told.values("account"))
    return list(Account.objects.filter(wanted).order_by("pk").values_list("pk", flat=True))
