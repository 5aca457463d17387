"""The one way in which redirects and handlers are written: the whole list, in the caller's transaction.

Handlers keep their ids, so that those who did not change lose neither connections nor counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError

from webserver.configuration.rules import name_problems, redirect_problems
from webserver.configuration.values import HandlerValue
from webserver.models import DomainRedirect, WebHandler
from webserver.passwords import make_password_verifier, password_matches


@dataclass(frozen=True, slots=True)
class Entry:
    """A handler to be saved, with new passwords by user: `row` is what it continues, `source` what it copies.

    Users without a new password keep the one of `row` or `source`.
    """

    value: HandlerValue
    passwords: Mapping[str, str] = field(default_factory=dict, repr=False)
    row: int | None = None
    source: int | None = None


def save_redirects(wanted: Mapping[str, str]) -> None:
    """Make the domain redirects these. Raises ValidationError."""
    for key, problem in redirect_problems(wanted):
        raise ValidationError(f"{key}: {problem.message}")
    rows = {row.from_domain: row for row in DomainRedirect.objects.all()}
    DomainRedirect.objects.filter(from_domain__in=rows.keys() - wanted.keys()).delete()
    for start, to in wanted.items():
        row = rows.get(start) or DomainRedirect(from_domain=start)
        if row.to_domain != to:
            row.to_domain = to
            row.save()


def save_handlers(entries: Sequence[Entry]) -> None:
    """Make the list of handlers these, in this order. Raises ValidationError."""
    for position, problem in name_problems([entry.value for entry in entries]):
        raise ValidationError(f"{entries[position].value.label}: {problem.message}")
    rows = {row.pk: row for row in WebHandler.objects.all()}
    kept = {entry.row for entry in entries}
    WebHandler.objects.filter(pk__in=rows.keys() - kept).delete()
    for position, entry in enumerate(entries):
        row = rows.get(entry.row or 0)
        before = row and (row.position, row.value, row.verifiers)
        row = row or WebHandler()
        row.set_verifiers(_verifiers(entry, rows))
        row.take(entry.value)
        row.position = position
        if before != (row.position, row.value, row.verifiers):
            row.save()


def has_password(entry: Entry, user: str, rows: Mapping[int, WebHandler]) -> bool:
    """Whether the user of an entry will have a password."""
    return user in entry.passwords or user in _stored(entry, rows)


def _verifiers(entry: Entry, rows: Mapping[int, WebHandler]) -> dict[str, str]:
    stored = _stored(entry, rows)
    found: dict[str, str] = {}
    for user in entry.value.users:
        password = entry.passwords.get(user)
        if password is None or (user in stored and password_matches(stored[user], password)):
            if user not in stored:
                raise ValidationError(f"{entry.value.label}: there is no password of {user} yet: set one.")
            found[user] = stored[user]
        else:
            found[user] = make_password_verifier(password)
    return found


def _stored(entry: Entry, rows: Mapping[int, WebHandler]) -> Mapping[str, str]:
    for key in (entry.row, entry.source):
        if key is not None and key in rows:
            verifiers: Mapping[str, str] = rows[key].verifiers
            return verifiers
    return {}
