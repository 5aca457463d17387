"""Reading [[routes]], which also stand below accounts and domains."""

from collections.abc import Collection

from delivery.configfile.values import GLOBAL, Level, RouteValue
from delivery.configuration.rules import stored_patterns
from mail.configfile.table import Table
from mail.configuration.rules.domains import domain_name


def read_routes(document: Table, transports: Collection[str]) -> dict[Level, tuple[RouteValue, ...]]:
    """The routes of each level that has any; they may use these transports."""
    levels = {GLOBAL: document}
    levels |= {("account", name): table for name, table in document.tables("accounts").items()}
    levels |= {("domain", domain_name(key)[0]): table for key, table in document.tables("domains").items()}
    found = {
        level: tuple(_read(row, transports) for row in table.rows("routes"))
        for level, table in levels.items()
    }
    return {level: routes for level, routes in found.items() if routes}


def _read(row: Table, transports: Collection[str]) -> RouteValue:
    value = RouteValue(
        from_domains=_read_patterns(row, "from_domains"),
        to_domains=_read_patterns(row, "to_domains"),
        minimum_attempts=row.integer("minimum_attempts"),
        transport=row.text("transport"),
    )
    if not value.transport:
        row.problem("name the transport that the route leads to", "transport")
    elif value.transport not in transports:
        row.problem(f"there is no transport named {value.transport} in this file", "transport")
    return value


def _read_patterns(row: Table, key: str) -> tuple[str, ...]:
    stored, problems = stored_patterns(row.texts(key))
    for position, message in problems:
        row.problem(message, key, position)
    return tuple(stored)
