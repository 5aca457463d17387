"""Reading [web.redirects] and [[web.handlers]]."""

from mail.addresses.domain import AddressError, normalise_domain
from mail.configfile.table import Table
from webserver.configuration.rules import name_problems, read_handler, redirect_problems
from webserver.configuration.values import HandlerValue, WebConfiguration
from webserver.handlers.kinds import KINDS
from webserver.passwords import password_problem

BASIC_AUTH = "basic_auth"
EVERYTHING = "^/"
"""The path of a handler that names none."""


def read_web(document: Table) -> WebConfiguration:
    """What the file says of websites."""
    web = document.table("web")
    rows = web.rows("handlers")
    read = [_read_handler(row) for row in rows]
    handlers = tuple(value for value, _ in read)
    for position, problem in name_problems(handlers):
        rows[position].problem(problem.message, problem.field)
    return WebConfiguration(_read_redirects(web), handlers, tuple(passwords for _, passwords in read))


def _read_redirects(web: Table) -> dict[str, str]:
    table = web.table("redirects")
    found: dict[str, str] = {}
    keys: dict[str, str] = {}
    for key in table.values():
        text = table.text(key)
        try:
            start = normalise_domain(key)
        except AddressError as error:
            table.problem(f"the name before the equals sign is no domain: {error}", key)
            continue
        try:
            to = normalise_domain(text)
        except AddressError as error:
            table.problem(str(error), key)
            continue
        if start in found:
            table.problem(f"{keys[start]} is the same domain", key)
        found[start], keys[start] = to, key
    for start, problem in redirect_problems(found):
        table.problem(problem.message, keys[start])
    return found


def _read_handler(row: Table) -> tuple[HandlerValue, dict[str, str]]:
    kinds = [kind for kind in KINDS if row.has(kind)]
    users, passwords = _read_users(row)
    value = HandlerValue(
        kind=kinds[0] if kinds else "",
        domain=row.text("domain"),
        path=row.text("path") if row.has("path") else EVERYTHING,
        settings=row.table(kinds[0]).values() if kinds else {},
        name=row.text("name"),
        disabled=row.boolean("disabled"),
        dont_redirect_plain_http=row.boolean("dont_redirect_plain_http"),
        compress=row.boolean("compress"),
        users=users,
        allow_networks=row.texts("allow_networks"),
        rate_per_minute=row.integer("rate_per_minute"),
    )
    if len(kinds) != 1:
        there = f", not of {' and '.join(kinds)}" if kinds else ""
        row.problem(f"a handler is one of {', '.join(KINDS)}{there}", *kinds[1:2])
    if not row.has("domain"):
        row.problem("domain is missing")
    read = read_handler(value, is_new=True)
    for problem in read.problems:
        _note(row, value, problem.field, problem.message)
    return read.value, passwords


def _note(row: Table, value: HandlerValue, field: str, message: str) -> None:
    if field.startswith("settings."):
        row.problem(message, value.kind, field.removeprefix("settings."))
    elif field == "users":
        row.problem(message, BASIC_AUTH)
    elif field != "kind" and row.has(field):
        row.problem(message, field)


def _read_users(row: Table) -> tuple[tuple[str, ...], dict[str, str]]:
    """Users, and the passwords of those that have one in the file: true keeps what is stored."""
    found: dict[str, str] = {}
    users = row.table(BASIC_AUTH).values()
    for user, password in users.items():
        if password is True:
            continue
        if not isinstance(password, str):
            row.problem("expected a password in quotes, or true to keep the one there is", BASIC_AUTH, user)
            continue
        if message := password_problem(password):
            row.problem(message, BASIC_AUTH, user)
        found[user] = password
    return tuple(sorted(users)), found
