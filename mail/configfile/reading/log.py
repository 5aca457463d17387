"""Reading [log] and [log.packages]."""

from collections.abc import Iterator, Mapping
from typing import Any

from mail.configfile.reading.fields import model_problems
from mail.configfile.table import Table
from mail.log.levels import LEVELS
from mail.models import LogLevel


def read_log(table: Table) -> dict[str, str]:
    """Levels by package; "" is the default for all others."""
    levels: dict[str, str] = {}
    if table.has("level"):
        levels[""] = table.text("level")
        _check(table, "", levels[""], "level")
    packages = table.table("packages")
    for keys, level in _flat(packages.values(), ()):
        package = ".".join(keys)
        if not isinstance(level, str):
            packages.problem("expected a level in quotes", *keys)
        elif package in levels or not package:
            packages.problem("the package has no name or stands here twice", *keys)
        else:
            levels[package] = level
            _check(packages, package, level, *keys)
    return levels


def _check(table: Table, package: str, level: str, *keys: str) -> None:
    if level not in LEVELS:
        table.problem(f"“{level}” is no level: there are {', '.join(LEVELS)}", *keys)
        return
    row = LogLevel(package=package, level=level)
    for _, message in model_problems(row):
        table.problem(message, *keys)


def _flat(values: Mapping[str, Any], above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """A package may stand in quotes or without: TOML reads the latter as tables within tables."""
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, (*above, key))
        else:
            yield (*above, key), value
