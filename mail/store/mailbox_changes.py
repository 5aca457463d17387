"""Creating, changing and deleting mailboxes."""

from collections.abc import Sequence
from dataclasses import dataclass

from mail.configuration.rules.mailboxes import INBOX, LEVELS, mailbox_name, mailbox_name_problem
from mail.models import Mailbox, Message, SpecialUse
from mail.store.deliver import add_events, draw_modseqs
from mail.store.mailboxes import find_or_create
from mail.store.write import Locks, Transaction, Write, applies

_ONE_INBOX = "The Inbox stays the Inbox, and there is only one."


class MailboxRefused(Exception):
    """A change of mailboxes that can't be made. The text is for the account's owner."""


@dataclass(frozen=True, slots=True)
class CreateMailbox(Write):
    """Create a mailbox. Gives its id, or raises MailboxRefused."""

    account_id: int
    name: str
    special_use: str = SpecialUse.NONE.value


@dataclass(frozen=True, slots=True)
class ChangeMailbox(Write):
    """Give a mailbox, and those inside it, another name; set what it is for and whether it is subscribed.

    Addresses that deliver into it follow the new name. What it is for is taken from the mailbox that had it.
    Raises MailboxRefused.
    """

    account_id: int
    mailbox_id: int
    name: str
    special_use: str
    subscribed: bool


@dataclass(frozen=True, slots=True)
class DeleteMailbox(Write):
    """Delete an empty mailbox; addresses that delivered into it deliver into the Inbox.

    Its name may come again, but never its uidvalidity. Raises MailboxRefused.
    """

    account_id: int
    mailbox_id: int


def _locks(writes: Sequence[CreateMailbox | ChangeMailbox | DeleteMailbox]) -> Locks:
    return Locks({write.account_id for write in writes})


@applies(CreateMailbox, needs=_locks)
def create_mailboxes(current: Transaction, writes: Sequence[CreateMailbox]) -> list[int | Exception]:
    return [_create(current, write) for write in writes]


def _create(current: Transaction, write: CreateMailbox) -> int | Exception:
    name = mailbox_name(write.name)
    problem = mailbox_name_problem(name)
    if not problem and name in _names(current, write.account_id).values():
        problem = f"There is a mailbox {name} already."
    if write.special_use == SpecialUse.INBOX.value:
        problem = problem or _ONE_INBOX
    if problem:
        return MailboxRefused(problem)
    mailbox = find_or_create(current, write.account_id, name)
    if write.special_use:
        _set_special_use(current, write.account_id, mailbox, write.special_use)
    _tell(current, write.account_id, mailbox, "created")
    return mailbox


@applies(ChangeMailbox, needs=_locks)
def change_mailboxes(current: Transaction, writes: Sequence[ChangeMailbox]) -> list[Exception | None]:
    return [_change(current, write) for write in writes]


def _change(current: Transaction, write: ChangeMailbox) -> Exception | None:
    names = _names(current, write.account_id)
    old, new = names.get(write.mailbox_id), mailbox_name(write.name)
    if old is None:
        return MailboxRefused("This mailbox is not there any more.")
    renamed = _renamed(names, old, new)
    problem = _renaming_problem(names, renamed, old, new)
    if (old == INBOX) != (write.special_use == SpecialUse.INBOX.value):
        problem = problem or _ONE_INBOX
    if problem:
        return MailboxRefused(problem)
    _rename(current, write.account_id, names, renamed)
    current.run("UPDATE mail_mailbox SET subscribed = %s WHERE id = %s", [write.subscribed, write.mailbox_id])
    _set_special_use(current, write.account_id, write.mailbox_id, write.special_use)
    _tell(current, write.account_id, write.mailbox_id, "changed")
    return None


def _renamed(names: dict[int, str], old: str, new: str) -> dict[int, str]:
    """The new names, by id, of the mailbox and those inside it."""
    if old == new:
        return {}
    inside = old + LEVELS
    return {
        mailbox: new + name[len(old) :]
        for mailbox, name in names.items()
        if name == old or name.startswith(inside)
    }


def _renaming_problem(names: dict[int, str], renamed: dict[int, str], old: str, new: str) -> str:
    if not renamed:
        return ""
    if old == INBOX:
        return "The Inbox can't be renamed."
    if new.startswith(old + LEVELS):
        return "A mailbox can't be put inside itself."
    others = {name for mailbox, name in names.items() if mailbox not in renamed}
    for name in renamed.values():
        if problem := mailbox_name_problem(name):
            return problem
        if name in others:
            return f"There is a mailbox {name} already."
    return ""


def _rename(
    current: Transaction, account: int, names: dict[int, str], renamed: dict[int, str]
) -> None:  # fmt: skip
    for mailbox, name in sorted(renamed.items(), key=lambda item: names[item[0]]):
        current.run("UPDATE mail_mailbox SET name = %s WHERE id = %s", [name, mailbox])
        _redirect(current, account, names[mailbox], name)


def _redirect(current: Transaction, account: int, old: str, new: str) -> None:
    """Addresses that deliver into the mailbox go on doing so. The configuration changes only if there are."""
    for (row,) in current.rows(
        "SELECT id FROM mail_destination WHERE account_id = %s AND mailbox = %s", [account, old]
    ):
        current.run("UPDATE mail_destination SET mailbox = %s WHERE id = %s", [new, row])


@applies(DeleteMailbox, needs=_locks)
def delete_mailboxes(current: Transaction, writes: Sequence[DeleteMailbox]) -> list[Exception | None]:
    return [_delete(current, write) for write in writes]


def _delete(current: Transaction, write: DeleteMailbox) -> Exception | None:
    found = current.rows(
        "SELECT name, messages FROM mail_mailbox WHERE id = %s AND account_id = %s",
        [write.mailbox_id, write.account_id],
    )
    if not found:
        return MailboxRefused("This mailbox is not there any more.")
    ((name, messages),) = found
    if name == INBOX:
        return MailboxRefused("The Inbox can't be deleted.")
    if messages:
        return MailboxRefused(f"{name} is not empty: mail has arrived in it meanwhile. Try again.")
    for relation in Mailbox._meta.related_objects:
        field = relation.field
        if field.model is not Message:
            current.run(
                f"DELETE FROM {field.model._meta.db_table} WHERE {field.column} = %s", [write.mailbox_id]
            )
    current.run("DELETE FROM mail_mailbox WHERE id = %s", [write.mailbox_id])
    _redirect(current, write.account_id, name, INBOX)
    _tell(current, write.account_id, write.mailbox_id, "deleted")
    return None


def _names(current: Transaction, account: int) -> dict[int, str]:
    return dict(current.rows("SELECT id, name FROM mail_mailbox WHERE account_id = %s", [account]))


def _set_special_use(current: Transaction, account: int, mailbox: int, use: str) -> None:
    if use:
        current.run(
            "UPDATE mail_mailbox SET special_use = '' WHERE account_id = %s AND special_use = %s",
            [account, use],
        )
    current.run("UPDATE mail_mailbox SET special_use = %s WHERE id = %s", [use, mailbox])


def _tell(current: Transaction, account: int, mailbox: int, change: str) -> None:
    modseq = draw_modseqs(current, account, 1)
    data: dict[str, object] = {"mailbox": mailbox, "change": change}
    add_events(current, [(account, modseq, "mailbox", data)])
