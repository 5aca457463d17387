"""Policies as they are kept between attempts and shared by all workers."""

from collections.abc import Sequence
from dataclasses import dataclass

from delivery.models import MtaStsPolicy
from delivery.mtasts.policy import Mode, Policy
from delivery.tlsresults.outcome import ResultType
from mail import clock
from mail.store.write import Transaction, Write, applies

UNUSED = 60 * clock.DAY
"""A policy that nobody has needed for this long is forgotten."""

USE_NOTED = clock.DAY
"""How exactly it is known when a policy was last needed."""

_FIELDS = [
    "record_id", "mode", "mx", "max_age", "text", "fetched", "expires", "used", "retry_after", "problem",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class StoredPolicy:
    """What is known about a domain that announces a policy.

    `policy` is the one fetched last, None while there was none to be had; it holds until `expires`. `problem`
    is why it could not be had or renewed: a result type of TLS reports, a colon, and a text. Until
    `retry_after` the policy host is left alone.
    """

    domain: str
    record_id: str
    policy: Policy | None
    text: str = ""
    fetched: clock.Moment = 0
    expires: clock.Moment = 0
    used: clock.Moment = 0
    retry_after: clock.Moment = 0
    problem: str = ""

    def valid(self, moment: clock.Moment) -> bool:
        """Whether the policy holds. A clock set back must not make it hold longer than it was meant to."""
        return self.policy is not None and self.fetched <= moment + clock.HOUR and moment < self.expires

    @property
    def problem_type(self) -> ResultType | None:
        """The problem in the terms of TLS reports."""
        return ResultType(self.problem.partition(":")[0]) if self.problem else None


@dataclass(frozen=True, slots=True)
class SavePolicy(Write):
    """Keep what was found out about a domain."""

    stored: StoredPolicy


@dataclass(frozen=True, slots=True)
class NotePolicyUse(Write):
    """A message has gone by the policy of this domain."""

    domain: str
    moment: clock.Moment


@dataclass(frozen=True, slots=True)
class ForgetPolicies(Write):
    """Remove what was not needed for `UNUSED`, and failures that are over."""


@applies(SavePolicy)
def save_policies(current: Transaction, writes: Sequence[SavePolicy]) -> list[None]:
    latest = {write.stored.domain: _row(write.stored) for write in writes}
    MtaStsPolicy.objects.bulk_create(
        [latest[domain] for domain in sorted(latest)],
        update_conflicts=True,
        unique_fields=["domain"],
        update_fields=_FIELDS,
    )
    return [None] * len(writes)


@applies(NotePolicyUse)
def note_policy_use(current: Transaction, writes: Sequence[NotePolicyUse]) -> list[None]:
    for write in sorted(writes, key=lambda write: write.domain):
        current.run(
            "UPDATE delivery_mtastspolicy SET used = %s WHERE domain = %s AND used < %s",
            [write.moment, write.domain, write.moment],
        )
    return [None] * len(writes)


@applies(ForgetPolicies)
def forget_policies(current: Transaction, writes: Sequence[ForgetPolicies]) -> list[int]:
    moment = clock.now()
    removed = current.run(
        "DELETE FROM delivery_mtastspolicy WHERE used < %s "
        "OR (mode = '' AND retry_after < %s) OR (mode <> '' AND expires < %s)",
        [moment - UNUSED, moment - clock.DAY, moment - clock.DAY],
    )
    return [removed] * len(writes)


def load_policy(domain: str) -> StoredPolicy | None:
    """What is kept about a domain. Reads the database."""
    row = MtaStsPolicy.objects.filter(domain=domain).first()
    return None if row is None else _stored(row)


def load_old_policies(before: clock.Moment, limit: int) -> list[StoredPolicy]:
    """Policies fetched before a moment and needed since, the oldest first. Reads the database."""
    now = clock.now()
    rows = MtaStsPolicy.objects.filter(
        fetched__lt=before, used__gte=now - UNUSED, expires__gt=now, retry_after__lte=now
    )
    return [_stored(row) for row in rows.exclude(mode="").order_by("fetched")[:limit]]


def _row(stored: StoredPolicy) -> MtaStsPolicy:
    policy = stored.policy
    return MtaStsPolicy(
        domain=stored.domain,
        record_id=stored.record_id,
        mode=policy.mode.value if policy else "",
        mx=list(policy.mx) if policy else [],
        max_age=policy.max_age if policy else 0,
        text=stored.text,
        fetched=stored.fetched,
        expires=stored.expires,
        used=stored.used,
        retry_after=stored.retry_after,
        problem=stored.problem,
    )


def _stored(row: MtaStsPolicy) -> StoredPolicy:
    policy = Policy(Mode(row.mode), tuple(row.mx), row.max_age) if row.mode else None
    return StoredPolicy(
        row.domain, row.record_id, policy, row.text, row.fetched, row.expires, row.used, row.retry_after,
        row.problem,
    )  # fmt: skip
