"""Which level a package has, and why, for people."""

import importlib.util
import logging
from dataclasses import dataclass

from mail.configuration.sections import DEFAULT_LOG_LEVEL
from mail.models import LogLevel

ALL_OTHERS = "all others"


@dataclass(frozen=True, slots=True)
class EffectiveLevel:
    """A package's level. `source` is the package it was set for: itself, one around it, or all others."""

    package: str
    level: str
    source: str

    def __str__(self) -> str:
        inherited = "" if self.source == self.package else f" (as {self.source})"
        return f"{self.package}: {self.level}{inherited}"


def effective_level(package: str) -> EffectiveLevel:
    """What is configured for the package, or the nearest one around it. An empty name: all others."""
    levels = dict(LogLevel.objects.values_list("package", "level"))
    around = package
    while around:
        if around in levels:
            return EffectiveLevel(package, levels[around], around)
        around = around.rpartition(".")[0]
    return EffectiveLevel(package or ALL_OTHERS, levels.get("", DEFAULT_LOG_LEVEL), ALL_OTHERS)


def is_known(package: str) -> bool:
    """Whether there is something of this name that may log. An empty name: all others."""
    if not package or package in logging.root.manager.loggerDict:
        return True
    try:
        return importlib.util.find_spec(package) is not None
    except (ImportError, ValueError):
        return False
