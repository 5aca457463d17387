"""Changes of redirects and handlers. The list of handlers is written as a whole: its order is its meaning."""

from collections.abc import Mapping, Sequence
from functools import partial

from mail.configfile.section import Change, Phase
from mail.configfile.table import Table
from webserver.configfile.reading import BASIC_AUTH
from webserver.configuration.differences import handler_lines, redirect_lines
from webserver.configuration.doubts import handler_doubts
from webserver.configuration.matching import match_handlers
from webserver.configuration.saving import Entry, has_password, save_handlers, save_redirects
from webserver.configuration.values import WebConfiguration
from webserver.models import WebHandler


def plan_web(stored: WebConfiguration, wanted: WebConfiguration, document: Table) -> list[Change]:
    """A line for everything that comes, goes, changes or moves. Passwords are never shown."""
    changes = [_line(line) for line in redirect_lines(stored.redirects, wanted.redirects)]
    if changes:
        changes.append(Change(Phase.OTHER, "", partial(save_redirects, wanted.redirects)))
    return [*changes, *_plan_handlers(stored, wanted, document)]


def _plan_handlers(stored: WebConfiguration, wanted: WebConfiguration, document: Table) -> list[Change]:
    rows = list(WebHandler.objects.all())
    entries = _entries(rows, stored, wanted)
    _refuse_missing_passwords(entries, {row.pk: row for row in rows}, document)
    lines = handler_lines(rows, entries)
    if not lines:
        return []
    changed = {position for position, _ in lines}
    doubts = handler_doubts(wanted.handlers, wanted.redirects)
    effects = [doubt for position, doubt in doubts if position in changed]
    changes = [_line(line) for _, line in lines]
    changes += [Change(Phase.OTHER, "", _nothing, effect) for effect in effects]
    return [*changes, Change(Phase.OTHER, "", partial(save_handlers, entries))]


def _entries(rows: Sequence[WebHandler], stored: WebConfiguration, wanted: WebConfiguration) -> list[Entry]:
    continued = match_handlers(stored.handlers, wanted.handlers)
    return [
        Entry(value, passwords, rows[old].pk if old is not None else None)
        for value, passwords, old in zip(wanted.handlers, wanted.passwords, continued, strict=True)
    ]


def _refuse_missing_passwords(
    entries: Sequence[Entry], rows: Mapping[int, WebHandler], document: Table
) -> None:
    for table, entry in zip(document.table("web").rows("handlers"), entries, strict=True):
        for user in entry.value.users:
            if not has_password(entry, user, rows):
                table.problem("there is no password stored yet: give one in quotes", BASIC_AUTH, user)


def _line(text: str) -> Change:
    return Change(Phase.OTHER, text, _nothing)


def _nothing() -> None:
    """Lines of the diff whose work is done for the whole list."""
