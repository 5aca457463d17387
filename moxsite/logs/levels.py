"""Which records are logged: the configured levels, and the flag --loglevel before them."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from mail.log.levels import level_number
from moxsite.logs.aiosmtpd import follow_aiosmtpd_level

OWN_PACKAGES = ("moxsite", "importer", "webserver", "delivery", "mail")
"""Packages that the default level is for. Libraries talk at `_library_level`, unless they are named."""

DEFAULT_LEVEL = "info"

# A line for each page that is not found tells nothing that the access log does not, and that a broker in
# memory has no host is no news.
_QUIET_AT_INFO = ("django.request", "kombu.connection")


@dataclass
class _State:
    flag: str | None = None
    flag_until_configured: bool = False
    named: set[str] = field(default_factory=set)


_state = _State()


def use_flag(level: str | None, *, until_configured: bool) -> None:
    """Levels at the start of the program.

    `level` is what --loglevel said, None without it. It then wins over configured levels, or, with
    `until_configured`, holds until the first `apply_levels`. Raises ValueError for an unknown level.
    """
    if level is not None:
        level_number(level)
    _state.flag = level
    _state.flag_until_configured = until_configured
    _set(level or DEFAULT_LEVEL, {})


def flag() -> str | None:
    """What --loglevel said, so that it can be passed on to other processes."""
    return _state.flag


def apply_levels(default: str, packages: Mapping[str, str]) -> None:
    """Use configured levels: `default`, and others for some packages and all they contain.

    Works at any time and undoes earlier levels. Does nothing where --loglevel wins.
    Raises ValueError for an unknown level; then nothing is changed.
    """
    for level in (default, *packages.values()):
        level_number(level)
    if _state.flag is None or _state.flag_until_configured:
        _set(default, packages)


def _set(default: str, packages: Mapping[str, str]) -> None:
    number = level_number(default)
    wanted = dict.fromkeys(OWN_PACKAGES, number)
    wanted[""] = _library_level(number)
    wanted["twisted"] = max(logging.WARNING, number)  # it has an access log of its own
    if number == logging.INFO:
        wanted.update(dict.fromkeys(_QUIET_AT_INFO, logging.ERROR))
    wanted.update({name: level_number(level) for name, level in packages.items()})
    for name in _state.named - wanted.keys():
        logging.getLogger(name).setLevel(logging.NOTSET)
    for name, level in wanted.items():
        logging.getLogger(name).setLevel(level)
    _state.named = set(wanted)
    follow_aiosmtpd_level()


def _library_level(number: int) -> int:
    """Libraries are quiet by default: their details are rarely asked for and may show credentials."""
    if number > logging.WARNING:
        return number
    return logging.WARNING if number >= logging.INFO else logging.INFO
