"""What saving a list of handlers changes, in lines."""

from collections.abc import Mapping, Sequence

from mail.configfile.section import changed_fields, differences
from webserver.configuration.saving import Entry
from webserver.configuration.values import HandlerValue
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
} | {"users": "basic_auth"}


def redirect_lines(stored: Mapping[str, str], wanted: Mapping[str, str]) -> list[str]:
    """A line for each redirect that comes, goes or changes."""
    lines = []
    for change in differences(dict(stored), dict(wanted)):
        sign = "+" if change.old is None else "-" if change.new is None else "~"
        to = f"{change.old} -> {change.new}" if sign == "~" else change.new or change.old
        lines.append(f"{sign} web redirect {change.key} to {to}")
    return lines


def handler_lines(rows: Sequence[WebHandler], entries: Sequence[Entry]) -> list[tuple[int, str]]:
    """Lines, each with the position in the new list, or -1 for what goes and for the order."""
    by_key = {row.pk: row for row in rows}
    kept = {entry.row for entry in entries}
    lines = [(-1, f"- web handler {row.value.label}") for row in rows if row.pk not in kept]
    for position, entry in enumerate(entries):
        row = by_key.get(entry.row or 0)
        if row is None:
            lines.append((position, f"+ web handler {entry.value.label}: {entry.value.kind}"))
        elif details := _details(row, entry):
            lines.append((position, f"~ web handler {entry.value.label}: {', '.join(details)}"))
    if _is_moved(rows, entries):
        order = ", ".join(entry.value.label for entry in entries)
        lines.append((-1, f"~ order of web handlers: {order}"))
    return lines


def _is_moved(rows: Sequence[WebHandler], entries: Sequence[Entry]) -> bool:
    new_order = [entry.row for entry in entries]
    old_order = [row.pk for row in rows if row.pk in new_order]
    return new_order[: len(old_order)] != old_order


def _details(row: WebHandler, entry: Entry) -> list[str]:
    old, new = row.value, entry.value
    fields = changed_fields(old, new, _FIELDS)
    details = [fields] if fields else []
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
