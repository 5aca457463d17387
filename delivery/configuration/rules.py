"""Rules for routes and transports; admin pages and the configuration file share them. Pure."""

from collections.abc import Mapping

from delivery.routing.patterns import parse_pattern
from delivery.transports.kind import Kind
from delivery.transports.kinds import KINDS
from mail.addresses.domain import AddressError
from mail.configuration.rules.problem import FieldProblem


def stored_patterns(texts: object) -> tuple[list[str], list[tuple[int, str]]]:
    """Domain patterns of a route as they are stored (A-labels), and position and message of wrong ones."""
    if not isinstance(texts, list | tuple):
        return [], [(0, "Give a list of domains.")]
    stored: list[str] = []
    problems: list[tuple[int, str]] = []
    for position, text in enumerate(texts):
        try:
            stored.append(str(parse_pattern(text)) if isinstance(text, str) else "")
        except AddressError as error:
            problems.append((position, f"“{text}”: {error}"))
        if not isinstance(text, str):
            problems.append((position, "A domain is a text."))
    return stored, problems


def find_kind(name: str) -> Kind | None:
    """The kind of a transport, by its name or "" for direct delivery; None if there is none."""
    return KINDS.get(name or "direct")


def kind_problem(name: str) -> str:
    """What is wrong with the name of a kind; "" when it is fine."""
    return "" if find_kind(name) else f"“{name}” is no kind of transport: there are {', '.join(KINDS)}."


def settings_problems(kind: Kind, settings: object, password: str) -> list[FieldProblem]:
    """What is wrong with the settings of a transport, whose password is kept apart from them."""
    if not isinstance(settings, Mapping):
        return [FieldProblem("", "Settings are a table of names and values.")]
    problems = [
        FieldProblem(secret, "is kept apart from the other settings")
        for secret in kind.secrets
        if secret in settings
    ]
    if password and "password" not in kind.secrets:
        problems.append(FieldProblem("password", "is not a setting of this kind of transport"))
    if problems:
        return problems
    return [
        FieldProblem(each.field, each.message) for each in kind.validate(with_password(settings, password))
    ]


def with_password(settings: Mapping[str, object], password: str) -> Mapping[str, object]:
    """The settings as a kind reads them."""
    return {**settings, "password": password} if password else settings
