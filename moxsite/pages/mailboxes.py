"""The mailboxes of an account as the side of a page shows them."""

from collections.abc import Container
from dataclasses import dataclass
from typing import Any, Final

from django.http import Http404

from mail.models import Account, Mailbox, SpecialUse
from moxsite.pages.limits import kept_mail

_ORDER: Final = {
    SpecialUse.INBOX.value: 0,
    SpecialUse.DRAFTS.value: 1,
    SpecialUse.SENT.value: 2,
    SpecialUse.ARCHIVE.value: 3,
    SpecialUse.JUNK.value: 4,
    SpecialUse.TRASH.value: 5,
}
_DEEPEST_INDENT: Final = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """A mailbox in the side navigation, with the last part of its name and how far it is indented."""

    mailbox: Mailbox
    label: str
    depth: int


def mailbox_entries(account: Account) -> list[Entry]:
    """Inbox and the other special mailboxes first, then by name, each above those inside it."""
    found = list(account.mailboxes.all())
    special = {mailbox.name: _ORDER.get(mailbox.special_use, len(_ORDER)) for mailbox in found}

    def place(mailbox: Mailbox) -> tuple[int, list[str]]:
        levels = mailbox.name.split("/")
        rank = special[mailbox.name]
        if rank == len(_ORDER):
            rank = special.get(levels[0], len(_ORDER))
        return rank, [level.casefold() for level in levels]

    return [_entry(mailbox, special) for mailbox in sorted(found, key=place)]


def side(account: Account) -> dict[str, Any]:
    """What the side of a page needs: the mailboxes, and how much mail is kept."""
    return {"entries": mailbox_entries(account), "kept": kept_mail(account)}


def own_mailbox(account: Account, mailbox_id: int) -> Mailbox:
    """The account's mailbox with this id. Raises Http404, also for mailboxes of others."""
    mailbox = account.mailboxes.filter(id=mailbox_id).first()
    if mailbox is None:
        raise Http404
    return mailbox


def _entry(mailbox: Mailbox, names: Container[str]) -> Entry:
    """Indented below the mailboxes it is inside of; levels that are no mailboxes stand in its own label."""
    levels = mailbox.name.split("/")
    depth, label = 0, ""
    for number, level in enumerate(levels):
        label = f"{label}/{level}" if label else level
        if number < len(levels) - 1 and "/".join(levels[: number + 1]) in names:
            depth, label = depth + 1, ""
    return Entry(mailbox, label, min(depth, _DEEPEST_INDENT))
