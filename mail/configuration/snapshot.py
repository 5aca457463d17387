"""The compiled configuration: immutable, made of sections that the apps register."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar

from mail.configuration.generation import read_generation

S = TypeVar("S")

_TRIES = 20
_compilers: dict[type[Any], Callable[[], Any]] = {}


class InvalidConfiguration(Exception):
    """The configuration in the database can't be compiled. The message says what to correct."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that hot paths need of the configuration, as it was at one generation."""

    generation: int
    _sections: Mapping[type[Any], Any] = field(repr=False)

    def section(self, kind: type[S]) -> S:
        """The section of this kind. Raises KeyError if no app has registered it."""
        section: S = self._sections[kind]
        return section


def register_section(kind: type[S], compile_section: Callable[[], S]) -> None:
    """Let every snapshot have a section of `kind`, an immutable value.

    `compile_section` reads the database. It raises InvalidConfiguration to refuse what it finds; the
    snapshot before then stays in force. Called from AppConfig.ready.
    """
    _compilers[kind] = compile_section


def compile_snapshot() -> Snapshot:
    """Read the configuration. Not for event loops.

    No transaction is needed: triggers bump the generation in the commit that changes anything, so what was
    read between two equal numbers belongs together. Raises InvalidConfiguration.
    """
    before = read_generation()
    for _ in range(_TRIES):
        failure, sections = _compile_sections()
        after = read_generation()
        if before == after:
            if failure is not None:
                raise failure
            return Snapshot(before, MappingProxyType(sections))
        before = after
    raise InvalidConfiguration("the configuration changes faster than it can be read")


def _compile_sections() -> tuple[InvalidConfiguration | None, dict[type[Any], Any]]:
    """The sections, or a failure, which counts only if nothing changed meanwhile."""
    try:
        return None, {kind: compile_section() for kind, compile_section in _compilers.items()}
    except InvalidConfiguration as failure:
        return failure, {}
