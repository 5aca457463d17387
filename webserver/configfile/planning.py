"""Changes of redirects and handlers. The list of handlers is written as a whole: its order is its meaning."""

from collections.abc import Sequence
from functools import partial

from mail.configfile.section import Change, Phase, changed_fields, differences
from mail.configfile.table import Table
from webserver.configfile.reading import BASIC_AUTH
from webserver.configuration.doubts import handler_doubts
from webserver.configuration.matching import match_handlers
from webserver.configuration.saving import Entry, has_password, save_handlers, save_redirects
from webserver.configuration.values import HandlerValue, WebConfiguration
from webserver.models import WebHandler
from webserver.passwords import password_matches

_FIELDS = {
    name: name
    for name in (
        "name",
        "domain",
        "path",
        "disabled",
        "dont_redirect_plain_http",
        "compress",
        "allow_networks",
        "rate_per_minute",
    )
} | {"users": BASIC_AUTH}


def plan_web(stored: WebConfiguration, wanted: WebConfiguration, document: Table) -> list[Change]:
    """A line for everything that comes, goes, changes or moves. Passwords are never shown."""
    return [*_plan_redirects(stored, wanted), *_plan_handlers(stored, wanted, document)]


def _plan_redirects(stored: WebConfiguration, wanted: WebConfiguration) -> list[Change]:
    changes = []
    for change in differences(dict(stored.redirects), dict(wanted.redirects)):
        sign = "+" if change.old is None else "-" if change.new is None else "~"
        to = f"{change.old} -> {change.new}" if sign == "~" else change.new or change.old
        changes.append(Change(Phase.OTHER, f"{sign} web redirect {change.key} to {to}", _nothing))
    if changes:
        changes.append(Change(Phase.OTHER, "", partial(save_redirects, wanted.redirects)))
    return changes


def _plan_handlers(stored: WebConfiguration, wanted: WebConfiguration, document: Table) -> list[Change]:
    rows = list(WebHandler.objects.all())
    entries = _entries(rows, stored, wanted)
    _refuse_missing_passwords(entries, rows, document)
    lines = _lines(rows, stored, entries)
    if not lines:
        return []
    doubts = handler_doubts([entry.value for entry in entries], wanted.redirects)
    changed = {line_position for line_position, _ in lines}
    effects = [doubt for position, doubt in doubts if position in changed]
    changes = [Change(Phase.OTHER, line, _nothing) for _, line in lines]
    changes += [Change(Phase.OTHER, "", _nothing, effect) for effect in effects]
    return [*changes, Change(Phase.OTHER, "", partial(save_handlers, entries))]


def _entries(rows: Sequence[WebHandler], stored: WebConfiguration, wanted: WebConfiguration) -> list[Entry]:
    continued = match_handlers(stored.handlers, wanted.handlers)
    return [
        Entry(value, passwords, rows[old].pk if old is not None else None)
        for value, passwords, old in zip(wanted.handlers, wanted.passwords, continued, strict=True)
    ]


def _refuse_missing_passwords(entries: Sequence[Entry], rows: Sequence[WebHandler], document: Table) -> None:
    by_key = {row.pk: row for row in rows}
    for table, entry in zip(document.table("web").rows("handlers"), entries, strict=True):
        for user in entry.value.users:
            if not has_password(entry, user, by_key):
                table.problem("there is no password stored yet: give one in quotes", BASIC_AUTH, user)


def _lines(
    rows: Sequence[WebHandler], stored: WebConfiguration, entries: Sequence[Entry]
) -> list[tuple[int, str]]:
    """Position in the new list, -1 for what goes, and line."""
    by_key = {row.pk: row for row in rows}
    kept = {entry.row for entry in entries}
    lines = [(-1, f"- web handler {row.value.label}") for row in rows if row.pk not in kept]
    for position, entry in enumerate(entries):
        if entry.row is None:
            lines.append((position, f"+ web handler {entry.value.label}: {entry.value.kind}"))
        else:
            details = _details(by_key[entry.row], entry)
            if details:
                lines.append((position, f"~ web handler {entry.value.label}: {', '.join(details)}"))
    old_order = [row.pk for row in rows if row.pk in kept]
    new_order = [entry.row for entry in entries]
    if old_order != [key for key in new_order if key is not None] or not _new_ones_last(new_order):
        order = ", ".join(entry.value.label for entry in entries)
        lines.append((-1, f"~ order of web handlers: {order}"))
    return lines


def _new_ones_last(order: Sequence[int | None]) -> bool:
    return None not in order[: len([key for key in order if key is not None])]


def _details(row: WebHandler, entry: Entry) -> list[str]:
    old, new = row.value, entry.value
    details = [changed_fields(old, new, _FIELDS)] if changed_fields(old, new, _FIELDS) else []
    if (old.kind, old.settings) != (new.kind, new.settings):
        details.append(_settings_difference(old, new))
    for user, password in entry.passwords.items():
        if user not in row.verifiers:
            details.append(f"password of {user} set")
        elif not password_matches(row.verifiers[user], password):
            details.append(f"password of {user} changed")
    return details


def _settings_difference(old: HandlerValue, new: HandlerValue) -> str:
    if old.kind != new.kind:
        return f"{old.kind} -> {new.kind}"
    keys = dict.fromkeys([*old.settings, *new.settings])
    return ", ".join(
        f"{key} {old.settings.get(key, 'unset')!r} -> {new.settings.get(key, 'unset')!r}"
        for key in keys
        if old.settings.get(key) != new.settings.get(key)
    )


def _nothing() -> None:
    """Lines of the diff whose work is done for the whole list."""
