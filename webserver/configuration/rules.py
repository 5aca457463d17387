"""Rules for redirects and handlers; pages, models and the configuration file share them. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_network
from typing import Final

from mail.addresses.domain import AddressError, normalise_domain
from mail.configuration.rules.domains import sentence
from mail.configuration.rules.problem import FieldProblem
from webserver.configuration.values import HandlerValue
from webserver.handlers.kind import Kind, Place
from webserver.handlers.kinds import KINDS
from webserver.handlers.regexps import NOTHING, WrongRegexp, compile_regexp
from webserver.handlers.slowness import slow_path
from webserver.routing.values import HandlerSettings, Network, RedirectSettings

HIGHEST_RATE: Final = 1_000_000
LONGEST_NAME: Final = 64
_NESTED: Final = "avoid repetitions within repetitions"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class ReadHandler:
    """A handler as read: its value in the one spelling, what was compiled of it, and what is wrong.

    Problems of settings have the field "settings." and the name of the setting. The compiled parts are of
    use only when there are no problems.
    """

    value: HandlerValue
    path: re.Pattern[str]
    settings: HandlerSettings | None
    networks: tuple[Network, ...]
    problems: tuple[FieldProblem, ...]


def read_handler(value: HandlerValue, *, is_new: bool = False) -> ReadHandler:
    """Check everything about one handler by itself.

    With `is_new` regular expressions are tried too, which takes a millisecond; what is stored already was.
    """
    problems: list[FieldProblem] = []
    domain = _domain(value.domain, problems)
    networks = _networks(value.allow_networks, problems)
    settings = _settings(value, domain, problems)
    path = _path(value.path, problems)
    problems += _name_problems(value.name)
    if is_new and not problems:
        problems += _slow_regexps(path, settings)
    if not 0 <= value.rate_per_minute <= HIGHEST_RATE:
        problems.append(
            FieldProblem("rate_per_minute", f"A rate is from 0, without limit, to {HIGHEST_RATE}.")
        )
    problems += [FieldProblem("users", message) for message in map(user_problem, value.users) if message]
    spelled = replace(value, domain=domain, allow_networks=tuple(map(str, networks)) if networks else ())
    if len(networks) != len(value.allow_networks):
        spelled = replace(spelled, allow_networks=value.allow_networks)
    return ReadHandler(spelled, path, settings, networks, tuple(problems))


def handler_domain(text: str) -> str:
    """A host, or "*." and a domain, as lower case A-labels. Raises AddressError."""
    stripped = text.strip()
    if stripped.startswith("*."):
        parent = normalise_domain(stripped[2:])
        return f"*.{parent}"
    if "*" in stripped:
        raise AddressError("a wildcard is “*.” and a domain, such as *.example.org")
    return normalise_domain(stripped)


def redirect_problems(redirects: Mapping[str, str]) -> list[tuple[str, FieldProblem]]:
    """What is wrong with redirects from domain to domain, both in their one spelling, each with its key."""
    found = []
    for start in redirects:
        seen = [start]
        while (to := redirects.get(seen[-1])) is not None and to not in seen:
            seen.append(to)
        if to == start:
            circle = " → ".join([*seen, start])
            text = (
                "A domain can’t be redirected to itself." if len(seen) == 1 else f"This never ends: {circle}."
            )
            found.append((start, FieldProblem("to_domain", text)))
    return found


def name_problems(values: Sequence[HandlerValue]) -> list[tuple[int, FieldProblem]]:
    """Which handlers, by position, have the name of one before them: names tell them apart in logs."""
    seen: dict[str, int] = {}
    found = []
    for position, value in enumerate(values):
        if value.name in seen:
            text = f"Handler {seen[value.name] + 1} is named {value.name} too."
            found.append((position, FieldProblem("name", text)))
        elif value.name:
            seen[value.name] = position
    return found


def kind_problem(name: str) -> str:
    """What is wrong with the name of a kind; "" when it is fine."""
    return "" if name in KINDS else f"“{name}” is no kind of handler: there are {', '.join(KINDS)}."


def user_problem(user: str) -> str:
    """What is wrong with the name of a user of basic authentication (RFC 7617 section 2)."""
    if not user or len(user) > 100:
        return "A user name has from 1 to 100 characters."
    if ":" in user or not user.isprintable():
        return f"“{user}” contains a colon or a control character, which user names can’t have."
    return ""


def _domain(text: str, problems: list[FieldProblem]) -> str:
    try:
        return handler_domain(text)
    except AddressError as error:
        problems.append(FieldProblem("domain", sentence(str(error))))
        return text


def _path(text: str, problems: list[FieldProblem]) -> re.Pattern[str]:
    try:
        return compile_regexp(text, anchored=True)
    except WrongRegexp as error:
        problems.append(FieldProblem("path", f"The path regexp {error}."))
        return NOTHING


def _networks(texts: Sequence[str], problems: list[FieldProblem]) -> tuple[Network, ...]:
    found: list[Network] = []
    for text in texts:
        try:
            network = ip_network(text)
        except ValueError as error:
            problems.append(FieldProblem("allow_networks", f"“{text}” is no network: {error}."))
            continue
        if network in found:
            problems.append(FieldProblem("allow_networks", f"{network} is there twice."))
        found.append(network)
    return tuple(found)


def _settings(value: HandlerValue, domain: str, problems: list[FieldProblem]) -> HandlerSettings | None:
    kind: Kind | None = KINDS.get(value.kind)
    if kind is None:
        problems.append(FieldProblem("kind", kind_problem(value.kind)))
        return None
    settings, found = kind.read(value.settings, Place(domain, value.dont_redirect_plain_http))
    problems += [FieldProblem(f"settings.{each.field}", each.message) for each in found]
    return settings


def _slow_regexps(path: re.Pattern[str], settings: HandlerSettings | None) -> list[FieldProblem]:
    found = []
    if slow := slow_path(path):
        found.append(FieldProblem("path", f"The path regexp takes far too long for {slow}: {_NESTED}."))
    inner = settings.path_regexp if isinstance(settings, RedirectSettings) else None
    if inner is not None and (slow := slow_path(inner)):
        found.append(FieldProblem("settings.path_regexp", f"takes far too long for {slow}: {_NESTED}"))
    return found


def _name_problems(name: str) -> list[FieldProblem]:
    if not name:
        return []
    if len(name) > LONGEST_NAME:
        return [FieldProblem("name", f"A name has at most {LONGEST_NAME} characters.")]
    if not _NAME.fullmatch(name):
        text = "Use letters, digits, dots, hyphens and underscores, beginning with a letter or digit."
        return [FieldProblem("name", text)]
    return []
