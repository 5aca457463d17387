"""From a draft to what is saved, with everything that is wrong beside its field."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from mail.addresses.domain import AddressError, normalise_domain
from mail.configuration.rules.domains import sentence
from moxsite.admin.websites.draft import Draft, RedirectRow
from webserver.configuration.rules import name_problems, read_handler, redirect_problems
from webserver.configuration.saving import Entry, has_password
from webserver.models import WebHandler


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the page asks for."""

    redirects: Mapping[str, str]
    entries: tuple[Entry, ...]


def check(draft: Draft, rows: Mapping[int, WebHandler]) -> Wanted | None:
    """What is to be saved; None when something is wrong, which then stands in the draft."""
    redirects = _redirects(draft)
    valid = [row.form.is_valid() for row in draft.handlers]
    entries = [row.form.entry() for row in draft.handlers]
    for position, problem in name_problems([entry.value for entry in entries]):
        draft.handlers[position].form.add_error(problem.field, problem.message)
    entries = [_as_spelled(_with_needed_passwords(entry, rows), rows) for entry in entries]
    for row, entry in zip(draft.handlers, entries, strict=True):
        missing = [user for user in entry.value.users if not has_password(entry, user, rows)]
        if missing:
            row.form.add_error("password", f"Give a password for {', '.join(missing)}.")
        row.is_open = bool(row.form.errors)
    wrong = not all(valid) or any(row.form.errors for row in draft.handlers)
    return None if wrong or any(row.errors for row in draft.redirects) else Wanted(redirects, tuple(entries))


def _with_needed_passwords(entry: Entry, rows: Mapping[int, WebHandler]) -> Entry:
    """A password for all users is for those only who have none; one for a single user is always taken."""
    if len(entry.passwords) == 1:
        return entry
    stored = replace(entry, passwords={})
    needed = {user: text for user, text in entry.passwords.items() if not has_password(stored, user, rows)}
    return replace(entry, passwords=needed)


def _as_spelled(entry: Entry, rows: Mapping[int, WebHandler]) -> Entry:
    """With the settings as they are stored, if they only spell the same in another way."""
    row = rows.get(entry.row or 0)
    if row is None or row.settings == entry.value.settings:
        return entry
    spelled = replace(entry.value, settings=row.settings)
    same = (
        row.kind == entry.value.kind and read_handler(spelled).settings == read_handler(entry.value).settings
    )
    return replace(entry, value=spelled) if same else entry


def _redirects(draft: Draft) -> Mapping[str, str]:
    draft.redirects = [row for row in draft.redirects if row.from_domain or row.to_domain]
    found: dict[str, str] = {}
    by_domain: dict[str, RedirectRow] = {}
    for row in draft.redirects:
        start = _domain(row, "from_domain", row.from_domain)
        to = _domain(row, "to_domain", row.to_domain)
        if start in found:
            row.errors["from_domain"] = "This domain is redirected in another line too."
        elif start and to:
            found[start], by_domain[start] = to, row
    for start, problem in redirect_problems(found):
        by_domain[start].errors[problem.field] = problem.message
    return found


def _domain(row: RedirectRow, field: str, text: str) -> str:
    try:
        return normalise_domain(text)
    except AddressError as error:
        row.errors[field] = sentence(str(error))
        return ""
