"""What a client is told whose message would exceed a limit."""

from delivery.outgoing_limits.budget import Budget, Limit
from delivery.outgoing_limits.words import after_text, count_text
from mail import clock
from mail.errors import MailError


class OutgoingLimitReached(MailError):
    """A message was refused, 451 4.7.1, because of this limit: the client may try again later."""

    def __init__(self, limit: Limit, text: str) -> None:
        super().__init__(451, "4.7.1", text)
        self.limit = limit


def refusal(
    account: str,
    limit: Limit,
    budget: Budget,
    needed: int,
    frees: clock.Moment | None,
    now: clock.Moment,
) -> OutgoingLimitReached:
    """The refusal of a message that needs so many more. `frees` is when that is possible; None for never."""
    used = count_text(budget.total, budget.allowed)
    if frees is None:
        when = "which is more than the limit: send it in parts" if budget.allowed else "and none is allowed"
    else:
        when = f"possible again {after_text(frees, now)}"
    text = (
        f"account {account} has used {used} of {budget.allowed} {limit.noun} in 24 hours, this message needs "
        f"{needed}{', ' if frees is None else '; '}{when}; an administrator can raise {limit.setting}"
    )
    return OutgoingLimitReached(limit, text)


def account_is_gone() -> MailError:
    """For a session that goes on after its account was removed."""
    return MailError(550, "5.7.1", "this account exists no longer")
