"""From what somebody typed, or from a row of the queue, to the question that `explain` answers."""

from delivery.models import QueuedRecipient
from delivery.queue.choice import Journey
from delivery.queue.explain import Question
from mail import clock
from mail.addresses.domain import AddressError
from mail.addresses.parse import parse_address
from mail.models import Account

HIGHEST_ATTEMPT = 1000


class WrongQuestion(ValueError):
    """Something typed can't be used. `field` is sender, recipient, account or attempt."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def typed_question(sender: str, recipient: str, account: str = "", attempt: int = 1) -> Question:
    """The question about a message that is accepted now.

    `sender` is an address, or “<>” or nothing for the null sender; `account` a name, or nothing for mail of
    no account. Raises WrongQuestion. Reads the database.
    """
    if not 1 <= attempt <= HIGHEST_ATTEMPT:
        raise WrongQuestion("attempt", f"Attempts are counted from 1, and at most to {HIGHEST_ATTEMPT}.")
    journey = Journey(
        account_id=_account_id(account.strip().lower()),
        sender_domain="" if sender.strip() in ("", "<>") else _domain("sender", sender),
        recipient_domain=_domain("recipient", recipient),
        attempts_made=attempt - 1,
    )
    return Question(journey, due=clock.now())


def queued_question(row: QueuedRecipient, attempt: int | None = None) -> Question:
    """The question about a row of the queue, read with its message: its next attempt, or an earlier one."""
    message = row.message
    made = row.attempts if attempt is None else attempt - 1
    journey = Journey(message.account_id, message.sender_domain, row.domain, made)
    return Question(
        journey,
        due=row.due if row.due is not None and attempt is None else clock.now(),
        demanded=row.transport,
        maximum_attempts=row.maximum_attempts,
        expires=row.expires if attempt is None else None,
        message_id=message.pk,
    )


def _account_id(name: str) -> int | None:
    if not name:
        return None
    account = Account.objects.filter(name=name).first()
    if account is None:
        raise WrongQuestion("account", f"There is no account {name}.")
    return account.pk


def _domain(field: str, text: str) -> str:
    try:
        return parse_address(text.strip().removeprefix("<").removesuffix(">")).domain
    except AddressError as error:
        raise WrongQuestion(field, f"This is no address: {error}.") from None
