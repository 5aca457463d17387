"""The settings of a kind of something for people: one list for forms, bounds and documentation. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A setting. `name` is its key, `label` and `help_text` are for people."""

    name: str
    label: str
    help_text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextField(Field):
    """One line of text."""

    longest: int = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberField(Field):
    """A whole number within bounds; 0 and nothing mean the default."""

    lowest: int
    highest: int
    default: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchField(Field):
    """True or false."""

    default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsField(Field):
    """A list of texts without blanks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretField(Field):
    """A password: kept apart from the other settings, encrypted, never shown."""

    longest: int = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceField(Field):
    """One of several values, each with its words for people. The first one is the default."""

    choices: tuple[tuple[str | int, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadersField(Field):
    """A table of header names and values."""
