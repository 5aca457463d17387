"""What owners are told about the limits of their accounts."""

from dataclasses import dataclass

from delivery.outgoing_limits.budget import REACHED, Limit
from delivery.outgoing_limits.words import after_text, count_text
from mail import clock
from mail.store.deliver import MEGABYTE

QUOTA = "quota"
"""LimitNotice.kind of the quota; of the other limits it is their own value."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """That an account crossed a percentage of a limit, named as in LimitNotice.kind.

    `used` and `allowed` are recipients, for the quota bytes. `frees` is when more is possible again, if the
    limit is reached and time alone helps.
    """

    account_id: int
    kind: str
    level: int
    used: int
    allowed: int
    moment: clock.Moment
    frees: clock.Moment | None = None


def owner_text(crossing: Crossing, account: str, host: str) -> tuple[str, tuple[str, ...]]:
    """Subject and paragraphs of the message to the owner."""
    if crossing.kind == QUOTA:
        return _quota(crossing, account, host)
    limit = Limit(crossing.kind)
    reached = crossing.level == REACHED
    if reached:
        subject = f"Your limit on {limit.noun} is reached"
    else:
        subject = f"You have used {crossing.level} % of your limit on {limit.noun}"
    return subject, (
        f"This is the mail system at {host}. {_figures(crossing, limit, account)}",
        _consequence(crossing, reached),
        "If you did not send these messages, somebody else may know your password: change it now on your "
        "account page, take away the app passwords that you do not need, and tell whoever runs this server.",
        f"If you need to send more, ask them to raise {limit.setting} of account {account}.",
    )


def _figures(crossing: Crossing, limit: Limit, account: str) -> str:
    used = count_text(crossing.used, crossing.allowed)
    if limit is Limit.MESSAGES:
        return (
            f"Account {account} has sent {used} messages within the last 24 hours, each counted once for "
            f"every recipient; {crossing.allowed} are allowed."
        )
    return (
        f"Account {account} has written to {used} addresses for the first time within the last 24 hours; "
        f"{crossing.allowed} are allowed. Addresses that you wrote to before do not count."
    )


def _consequence(crossing: Crossing, reached: bool) -> str:
    if not reached:
        return (
            "Nothing is refused yet. Beyond the limit, your mail program shows an error and keeps the mail."
        )
    text = "What would exceed the limit is refused: your mail program shows an error and keeps the message."
    if crossing.frees is None:
        return f"{text} One message was for more recipients than the limit allows at all."
    return f"{text} Sending is possible again {after_text(crossing.frees, crossing.moment)}."


def _quota(crossing: Crossing, account: str, host: str) -> tuple[str, tuple[str, ...]]:
    used, allowed = round(crossing.used / MEGABYTE), crossing.allowed // MEGABYTE
    percent = crossing.used * 100 // crossing.allowed
    return f"Your mailbox is {percent} % full", (
        f"This is the mail system at {host}. Account {account} keeps {used} MB of mail; {allowed} MB are "
        "allowed.",
        "Once it is full, new mail is refused: senders are asked to try again later, and give up after some "
        "days. Remove mail that you do not need, beginning with the largest attachments.",
        f"If you need more room, ask whoever runs this server to raise quota_mb of account {account}.",
    )
