"""What a check has to say. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from moxsite.setup.needs.records import Record


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence that says what is so and what to do, and the records to publish, as zone file lines."""

    text: str
    records: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "\n".join([self.text, *self.records])


@dataclass(slots=True)
class Section:
    """A part of the check. Errors harm mail, warnings are about what could be better.

    Instructions need no action of their own: they say what can't be checked, or what holds in general.
    """

    name: str
    errors: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    instructions: list[Finding] = field(default_factory=list)

    def error(self, text: str, *records: Record) -> None:
        """Note what harms mail."""
        _note(self.errors, text, records)

    def warning(self, text: str, *records: Record) -> None:
        """Note what could be better."""
        _note(self.warnings, text, records)

    def instruction(self, text: str, *records: Record) -> None:
        """Note what is good to know."""
        _note(self.instructions, text, records)

    def as_json(self) -> dict[str, Any]:
        """As plain values; the records of a finding stand on lines of their own after its text."""
        return {
            "name": self.name,
            "errors": [str(found) for found in self.errors],
            "warnings": [str(found) for found in self.warnings],
            "instructions": [str(found) for found in self.instructions],
        }


@dataclass(frozen=True, slots=True)
class Report:
    """The whole check of a domain."""

    domain: str
    sections: tuple[Section, ...]

    @property
    def error_count(self) -> int:
        """How many errors there are in all."""
        return sum(len(section.errors) for section in self.sections)

    @property
    def warning_count(self) -> int:
        """How many warnings there are in all."""
        return sum(len(section.warnings) for section in self.sections)

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return {"domain": self.domain, "sections": [section.as_json() for section in self.sections]}


def _note(findings: list[Finding], text: str, records: Iterable[Record]) -> None:
    found = Finding(text, tuple(record.line for record in records))
    if found not in findings:
        findings.append(found)
