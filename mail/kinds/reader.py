"""Reading settings of kinds: every problem at once, each with its field. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from mail.addresses.domain import AddressError, normalise_domain
from mail.kinds.fields import ChoiceField, NumberField, SwitchField, TextField


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with a setting, for a form, the command line or the configuration file."""

    field: str
    message: str


class InvalidSettings(ValueError):
    """Settings that can't be used."""

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        super().__init__("; ".join(f"{problem.field}: {problem.message}" for problem in problems))
        self.problems = tuple(problems)


class SettingsReader:
    """Takes values out of a mapping and collects what is wrong. Types are strict: "25" is no port.

    A value of the wrong type or out of its bounds is reported, and its default used from there on.
    """

    def __init__(self, settings: Mapping[str, object], kind: str = "transport") -> None:
        """`kind` says in messages what it is that has settings."""
        self._settings = settings
        self._kind = kind
        self._known: set[str] = set()
        self.problems: list[FieldProblem] = []

    def problem(self, field: str, message: str) -> None:
        """Report a problem."""
        self.problems.append(FieldProblem(field, message))

    def given(self, field: str) -> bool:
        """Whether the field is there with a value."""
        return self._settings.get(field) not in (None, "", [], ())

    def switch(self, field: SwitchField) -> bool:
        """True or false."""
        return self.boolean(field.name, field.default)

    def number(self, field: NumberField) -> int:
        """A whole number within the bounds of the field; 0 and nothing mean its default."""
        return self.integer(field.name, field.lowest, field.highest, field.default)

    def line(self, field: TextField) -> str:
        """One line of text without control characters."""
        return self.text(field.name, field.longest)

    def boolean(self, field: str, default: bool) -> bool:
        """True or false."""
        value = self._take(field)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.problem(field, "must be true or false")
            return default
        return value

    def integer(self, field: str, lowest: int, highest: int, default: int) -> int:
        """A whole number within bounds; 0 and nothing mean the default."""
        value = self._take(field)
        if value is None:
            return default
        if not isinstance(value, int) or isinstance(value, bool):
            self.problem(field, "must be a whole number")
        elif value != 0 and not lowest <= value <= highest:
            self.problem(field, f"must be from {lowest} to {highest}")
        elif value != 0:
            return value
        return default

    def text(self, field: str, longest: int) -> str:
        """One line of text without control characters."""
        value = self._take(field)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.problem(field, "must be text")
        elif len(value) > longest:
            self.problem(field, f"must have at most {longest} characters")
        elif any(character < " " or character == "\x7f" for character in value):
            self.problem(field, "must not contain control characters")
        else:
            return value
        return ""

    def texts(self, field: str) -> list[str]:
        """A list of texts."""
        value = self._take(field)
        if value is None:
            return []
        if not isinstance(value, list | tuple) or not all(isinstance(entry, str) for entry in value):
            self.problem(field, "must be a list of texts")
            return []
        return list(value)

    def host(self, field: str, text: str) -> str:
        """A host name as A-labels; an IP address is none."""
        try:
            return normalise_domain(text)
        except AddressError as error:
            self.problem(field, f"{text!r} is not a host name: {error}")
            return ""

    def ips(self, field: str) -> tuple[str, ...]:
        """A list of IP addresses, each in its one spelling."""
        found: list[str] = []
        for text in self.texts(field):
            try:
                ip = ip_address(text)
            except ValueError:
                self.problem(field, f"{text!r} is not an IP address")
                continue
            if ip.is_unspecified or ip.is_multicast or "%" in text:
                self.problem(field, f"{text} is not the address of a host")
            elif str(ip) in found:
                self.problem(field, f"{ip} is there twice")
            else:
                found.append(str(ip))
        return tuple(found)

    def entries(self, field: str) -> list[object]:
        """A list of whatever; the caller checks what is in it."""
        value = self._take(field)
        if value is None:
            return []
        if not isinstance(value, list | tuple):
            self.problem(field, "must be a list")
            return []
        return list(value)

    def choice(self, field: ChoiceField) -> str | int:
        """One of the values of the field; nothing means the first one."""
        values = [value for value, _ in field.choices]
        value = self._take(field.name)
        if value in (None, "", 0):
            return values[0]
        if isinstance(value, bool) or value not in values:
            self.problem(field.name, f"must be one of {', '.join(map(str, values))}")
            return values[0]
        assert isinstance(value, str | int)
        return value

    def table(self, field: str) -> dict[str, str]:
        """A table of names and texts."""
        value = self._take(field)
        if value is None:
            return {}
        if not isinstance(value, Mapping) or not all(isinstance(each, str) for each in value.values()):
            self.problem(field, "must be a table of names and texts")
            return {}
        return dict(value)

    def finish(self) -> None:
        """Report every setting that nobody asked for."""
        for field in self._settings:
            if field not in self._known:
                self.problem(field, f"is not a setting of this kind of {self._kind}")

    def _take(self, field: str) -> object:
        self._known.add(field)
        return self._settings.get(field)
