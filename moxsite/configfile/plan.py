"""From a file to the changes that it asks for, or to everything that is wrong with it."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from mail.configfile.problems import FileProblem, FileProblems
from mail.configfile.section import Change, Options
from mail.configfile.table import Table
from mail.configuration.generation import read_generation
from moxsite.configfile.lines import Lines
from moxsite.configfile.sections import SECTIONS

_TRIES = 10


class ConfigurationChanged(Exception):
    """Somebody else has changed the configuration meanwhile. Nothing was changed by us."""


@dataclass(frozen=True, slots=True)
class LocatedProblem:
    """What is wrong with the file, where, and on which line, if that is known."""

    problem: FileProblem
    line: int | None = None

    def __str__(self) -> str:
        return f"{self.problem} (line {self.line})" if self.line else str(self.problem)


@dataclass(frozen=True, slots=True)
class Plan:
    """The changes from the configuration at a generation to the one of the file, or the file's problems."""

    generation: int
    changes: tuple[Change, ...]
    problems: tuple[LocatedProblem, ...]
    wanted: tuple[object, ...]
    """What the file describes, for each section."""

    def lines(self) -> list[str]:
        """The diff."""
        return [change.text for change in self.changes if change.text]

    def effects(self) -> list[str]:
        """What follows from the changes beyond themselves."""
        return [change.effect for change in self.changes if change.effect]


def make_plan(data: bytes, folder: Path, options: Options = Options()) -> Plan:  # noqa: B008 - immutable
    """Compare a file with the database. Changes nothing.

    Names of other files in it are relative to `folder`. Raises ConfigurationChanged when the configuration
    changes faster than it can be read.
    """
    try:
        text = data.decode("utf-8-sig")
        parsed = tomllib.loads(text)
    except UnicodeDecodeError as error:
        return _unreadable(f"not UTF-8: byte {error.start + 1} of the file")
    except tomllib.TOMLDecodeError as error:
        return _unreadable(f"not TOML: {error}")
    before = read_generation()
    for _ in range(_TRIES):
        problems = FileProblems()
        changes, wanted = _compare(Table(parsed, problems, folder=folder), options)
        after = read_generation()
        if before == after:
            located = _locate(problems, text)
            return Plan(before, () if located else tuple(changes), located, tuple(wanted))
        before = after
    raise ConfigurationChanged


def _compare(document: Table, options: Options) -> tuple[list[Change], list[object]]:
    wanted = [section.read(document) for section in SECTIONS]
    document.finish()
    if len(document.problems):
        return [], []
    changes = []
    for section, configuration in zip(SECTIONS, wanted, strict=True):
        changes += section.plan(section.stored(), configuration, document, options)
    return changes, wanted


def _locate(problems: FileProblems, text: str) -> tuple[LocatedProblem, ...]:
    """In the order of the file; what has no line comes last."""
    if not len(problems):
        return ()
    lines = Lines(text)
    located = [LocatedProblem(problem, lines.find(problem.path)) for problem in problems]
    return tuple(sorted(located, key=lambda each: (each.line is None, each.line or 0)))


def _unreadable(message: str) -> Plan:
    return Plan(0, (), (LocatedProblem(FileProblem((), message)),), ())
