"""Which mailbox a folder of the source goes to."""

import sys
from collections.abc import Mapping
from typing import cast

from importer.formats.mapping import Proposal, propose
from importer.formats.source import TAKEOUT, Role, Source, SourceFolder, SourceMessage
from importer.models import Import
from mail.configuration.rules.mailboxes import mailbox_name, mailbox_name_problem
from mail.models import Account, Mailbox, SpecialUse

EVERY_FOLDER = "*"
"""As a folder of a mapping: all folders that are not named."""


class Targets:
    """The decisions made before the run, and for every other folder the mailbox that is proposed."""

    def __init__(self, decided: Mapping[str, str], proposal: Proposal | None = None) -> None:
        self._decided = decided
        self._proposed = {} if proposal is None else proposal.targets
        self._known: dict[str, str] = {}

    def mailbox(self, folder: str) -> str:
        """The mailbox, "" when the folder is left out."""
        known = self._known.get(folder)
        if known is None:
            known = self._known[folder] = self._mailbox(folder)
        return known

    def _mailbox(self, folder: str) -> str:
        decided = self._decided.get(folder, self._decided.get(EVERY_FOLDER))
        if decided is not None:
            return decided
        target = self._proposed.get(folder)
        if target is None:
            target = propose([folder], "").targets[folder]
        name = mailbox_name(target.mailbox)
        return "" if mailbox_name_problem(name) else name


def decided_already(row: Import) -> bool:
    """Whether every folder has its mailbox: it was chosen at the preview, or all go to one."""
    return row.preview_wanted or EVERY_FOLDER in row.mapping


def proposal_for(row: Import, source: Source) -> Proposal:
    """What would be proposed at a preview. Reads the source, but no message."""
    folders = []
    for event in source.events(after=sys.maxsize if source.is_archive else 0):
        if isinstance(event, SourceFolder):
            folders.append(event.path)
        elif isinstance(event, SourceMessage) and TAKEOUT not in source.formats:
            break  # a file of its own has one folder, unless its messages are labelled
    return propose(folders, row.prefix or None, own_mailboxes(row.account))


def own_mailboxes(account: Account) -> Mapping[Role, str]:
    """What the account calls its mailboxes for this and that."""
    uses = Mailbox.objects.filter(account=account).exclude(special_use=SpecialUse.NONE)
    return {cast("Role", use): name for use, name in uses.values_list("special_use", "name")}
