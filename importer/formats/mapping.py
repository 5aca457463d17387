"""Proposing a mailbox for each folder of a source."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from importer.formats.roles import role_of
from importer.formats.source import Role
from mail.configuration.rules.mailboxes import LEVELS, LONGEST, mailbox_name, mailbox_name_problem

STANDARD: Mapping[Role, str] = {
    "inbox": "Inbox",
    "sent": "Sent",
    "drafts": "Drafts",
    "archive": "Archive",
    "junk": "Junk",
    "trash": "Trash",
}
"""Names of the mailboxes that every account starts with."""

_STANDARD_NAMES = frozenset(name.casefold() for name in STANDARD.values())

# Folders around mail that are nobody's own: of programs, of operating systems, of exports.
_AROUND = re.compile(
    r"takeout|mail|maildir|\.maildir|mails|mailboxes|imapmail|local folders|lokale ordner|profiles"
    r"|thunderbird|\.thunderbird|\.icedove|[a-z0-9]{8}\.[\w-]+|home|users|var|vmail|library|v\d+|messages|e-?mail|backup|export"
    r"|user|\[gmail\]|\[google mail\]",
    re.IGNORECASE,
)

_CONTROLS = frozenset(("Cc", "Cs", "Zl", "Zp"))


@dataclass(frozen=True, slots=True)
class Target:
    """The mailbox proposed for a folder, and what it is for."""

    mailbox: str
    role: Role


@dataclass(frozen=True, slots=True)
class Proposal:
    """`prefix` are the levels that were taken off every folder that has them; "" for none."""

    prefix: str
    targets: dict[str, Target]


def propose(
    folders: Iterable[str], prefix: str | None = None, mailboxes: Mapping[Role, str] = STANDARD
) -> Proposal:
    """A mailbox for each folder path. `prefix` None chooses one; `mailboxes` has the account's own by role.

    Every proposed name is one that a mailbox may have; different folders get different mailboxes, but for
    those that are for the same role. Where all roles have folders of the standard names, as in an export of
    an account, folders of other names are somebody's own.
    """
    paths = list(folders)
    if prefix is None:
        prefix = common_prefix(paths)
    has_all = _STANDARD_NAMES.issubset(without_prefix(path, prefix).casefold() for path in paths)
    taken = {name.casefold() for name in mailboxes.values()}
    targets = {}
    for path in paths:
        rest = without_prefix(path, prefix)
        role: Role = "inbox" if rest == "" else role_of(rest)
        if has_all and rest and rest.casefold() not in _STANDARD_NAMES:
            role = ""
        if role and role in mailboxes:
            targets[path] = Target(mailboxes[role], role)
            continue
        name = _free(_possible(rest), taken)
        taken.add(name.casefold())
        targets[path] = Target(name, "")
    return Proposal(prefix, targets)


def without_prefix(path: str, prefix: str) -> str:
    """The path below `prefix`, which counts only as whole levels; "" for the prefix itself."""
    prefix = prefix.strip(LEVELS)
    if not prefix or path == prefix:
        return "" if prefix and path == prefix else path
    return path.removeprefix(prefix + LEVELS)


def common_prefix(paths: list[str]) -> str:
    """The levels around all mail: common ones that are nobody's own, or that hold an Inbox or the like."""
    if not paths:
        return ""
    common = paths[0].split(LEVELS)
    for path in paths[1:]:
        levels = path.split(LEVELS)
        same = next((n for n, (a, b) in enumerate(zip(common, levels, strict=False)) if a != b), None)
        common = common[: min(len(common), len(levels)) if same is None else same]
    if len(paths) == 1:
        # A single folder keeps its own name, unless that says only that it is a Maildir.
        common = common if _AROUND.fullmatch(common[-1]) else common[:-1]
    best = 0
    for count in range(1, len(common) + 1):
        below = [path.split(LEVELS)[count:] for path in paths]
        holds_inbox = any(len(levels) == 1 and role_of(levels[0]) for levels in below)
        is_around = best == count - 1 and _AROUND.fullmatch(common[count - 1]) is not None
        if is_around or (holds_inbox and role_of(LEVELS.join(common[:count])) != "inbox"):
            best = count
    return LEVELS.join(common[:best])


def _possible(path: str) -> str:
    """The nearest name that a mailbox may have. Of very many levels the last ones are kept."""
    levels = []
    for level in path.split(LEVELS):
        level = "".join(
            "_" if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in level
        ).strip()
        levels.append("_" if level in ("", ".", "..") else level)
    while len(levels) > 1 and len(LEVELS.join(levels)) > LONGEST:
        del levels[0]
    name = mailbox_name(LEVELS.join(levels))[:LONGEST].strip()
    return "Imported" if mailbox_name_problem(name) else name


def _free(name: str, taken: set[str]) -> str:
    """The name, with a number if another folder has it already."""
    number = 1
    free = name
    while free.casefold() in taken:
        number += 1
        free = f"{name[: LONGEST - 8]} {number}"
    return free
