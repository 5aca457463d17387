"""Rules for a hosted domain: its name and what its separators and case mean for localparts. Pure."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from mail.addresses.domain import AddressError, normalise_domain
from mail.addresses.localpart import canonical_localpart
from mail.configuration.rules.problem import FieldProblem

LONGEST_SEPARATOR = 16
_UNUSABLE_IN_SEPARATORS = frozenset('@"\\')


@dataclass(frozen=True, slots=True)
class DomainRules:
    """How a hosted domain reads localparts, and whether it takes part in mail at present.

    `dmarc_reject` says whether mail is refused that the policy of its author's domain rejects.
    """

    name: str
    separators: tuple[str, ...] = ()
    case_sensitive: bool = False
    disabled: bool = False
    dmarc_reject: bool = True

    def canonical(self, localpart: str) -> str:
        """The localpart that stands for this one; empty when it begins with a separator."""
        return canonical_localpart(localpart, separators=self.separators, case_sensitive=self.case_sensitive)


def domain_name(text: str) -> tuple[str, list[FieldProblem]]:
    """The name as lower case A-labels, or as it came together with what is wrong with it."""
    try:
        return normalise_domain(text.strip()), []
    except AddressError as error:
        return text, [FieldProblem("name", sentence(str(error)))]


def separator_problems(separators: object, *, case_sensitive: bool) -> list[FieldProblem]:
    """What is wrong with the localpart separators of a domain."""
    if not isinstance(separators, list | tuple) or not all(isinstance(item, str) for item in separators):
        return [FieldProblem("localpart_separators", "Give a list of texts, such as “+”.")]
    found = [_separator_problem(item, case_sensitive) for item in separators]
    found += _overlaps(separators)
    return [FieldProblem("localpart_separators", message) for message in found if message]


def sentence(text: str) -> str:
    """The text with a capital at its start and a full stop at its end."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")


def _separator_problem(separator: str, case_sensitive: bool) -> str:
    if not separator:
        return "A separator can't be empty: every address would contain it."
    if len(separator) > LONGEST_SEPARATOR:
        return f"“{separator[:LONGEST_SEPARATOR]}…” is longer than {LONGEST_SEPARATOR} characters."
    if unicodedata.normalize("NFC", separator) != separator:
        return f"“{separator}” must be in Unicode normal form C, as localparts are."
    if _UNUSABLE_IN_SEPARATORS & set(separator) or not separator.isprintable() or " " in separator:
        return f"“{separator}” contains a character that can't separate localparts."
    if not case_sensitive and separator.lower() != separator:
        return f"“{separator}” never matches, because localparts are compared in lower case."
    return ""


def _overlaps(separators: Sequence[str]) -> list[str]:
    """Separators that stand twice, or that another one makes meaningless because they contain it."""
    found = []
    for position, separator in enumerate(separators):
        if separator in separators[:position]:
            found.append(f"“{separator}” is listed twice.")
            continue
        for other in separators:
            if other and other != separator and other in separator:
                found.append(f"“{separator}” contains the separator “{other}” and so has no effect.")
    return found
