"""The preview, and the choices that are made there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from importer.models import Duplicates, Import
from importer.staging.control import Choices
from mail.configuration.rules.mailboxes import mailbox_name, mailbox_name_problem
from mail.models import Account, AccountCounters
from mail.store.deliver import MEGABYTE
from moxsite.pages.words import size_text

EDITABLE = 400
"""Folders whose mailboxes can be changed on the page; the others go where it was proposed."""


class ChoicesRefused(Exception):
    """A choice can't be used. The text names the folder and what to do."""


@dataclass(frozen=True, slots=True)
class FolderChoice:
    """A folder of the source in the form. `number` names its fields."""

    number: int
    path: str
    format: str
    messages: int
    bytes: int
    mailbox: str


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """What the page shows before anything is written."""

    data: Mapping[str, Any]
    folders: list[FolderChoice]
    others: int
    room: str
    fits: bool
    mailboxes: list[str]
    duplicates: type[Duplicates]


def preview_page(row: Import, account: Account) -> PreviewPage:
    """The preview with its form."""
    data = row.preview or {}
    folders = data.get("folders", [])
    used = AccountCounters.objects.filter(account=account).values_list("bytes", flat=True).first() or 0
    room, fits = "", True
    if account.quota_mb:
        free = max(0, account.quota_mb * MEGABYTE - used)
        fits = data.get("bytes", 0) <= free
        room = f"{size_text(free)} of {account.quota_mb} MB are free."
    return PreviewPage(
        data,
        [
            FolderChoice(
                number, each["path"], each["format"], each["messages"], each["bytes"], each["mailbox"]
            )
            for number, each in enumerate(folders[:EDITABLE])
        ],
        max(0, len(folders) - EDITABLE),
        room,
        fits,
        list(account.mailboxes.order_by("name").values_list("name", flat=True)[:500]),
        Duplicates,
    )


def choices_of(row: Import, sent: Mapping[str, str]) -> Choices:
    """What was chosen; what was not sent stays as proposed. Raises ChoicesRefused."""
    duplicates = sent.get("duplicates") or Duplicates.SKIP.value
    if duplicates not in Duplicates.values:
        raise ChoicesRefused(f"duplicates can be {', '.join(Duplicates.values)}.")
    mapping = {}
    for number, folder in enumerate((row.preview or {}).get("folders", [])):
        mapping[folder["path"]] = _mailbox(folder, number, sent)
    if mapping and not any(mapping.values()):
        raise ChoicesRefused("Every folder is left out: choose a mailbox for at least one.")
    return Choices(duplicates, mapping)


def _mailbox(folder: Mapping[str, Any], number: int, sent: Mapping[str, str]) -> str:
    text = sent.get(f"mailbox-{number}")
    if text is None:
        return str(folder["mailbox"])
    if sent.get(f"leave-out-{number}") or not text.strip():
        return ""
    name = mailbox_name(text.strip())
    if problem := mailbox_name_problem(name):
        raise ChoicesRefused(f"Folder “{folder['path']}”: {problem}")
    return name
