"""The policy at https://mta-sts.DOMAIN/.well-known/mta-sts.txt (RFC 8461 section 3.2)."""

import re
from dataclasses import dataclass
from enum import StrEnum

LONGEST_AGE = 31_557_600
"""Seconds that a policy may ask to be kept; more means as much."""

HOST_LIMIT = 1000

_LINE = re.compile(r"([A-Za-z0-9][A-Za-z0-9_.-]{0,31}):[ \t]*(.*?)[ \t]*")
_AGE = re.compile(r"[0-9]{1,10}")
_PATTERN = re.compile(r"(?:\*\.)?[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?)*")


class Mode(StrEnum):
    """How binding a policy is (RFC 8461 section 5)."""

    ENFORCE = "enforce"
    TESTING = "testing"
    """Nothing changes but what is reported."""
    NONE = "none"
    """The domain has withdrawn its policy."""


class InvalidPolicy(ValueError):
    """The text is no policy; it says what is missing or wrong."""


@dataclass(frozen=True, slots=True)
class Policy:
    """`mx` are host names and patterns in lower case, `max_age` the seconds for which the policy holds."""

    mode: Mode
    mx: tuple[str, ...]
    max_age: int

    def matches(self, host: str) -> bool:
        """Whether the policy lists a mail server (A-labels). A wildcard stands for exactly one label."""
        name = host.lower().removesuffix(".")
        _, dot, parent = name.partition(".")
        return name in self.mx or (bool(dot) and f"*.{parent}" in self.mx)


def parse_policy(text: str) -> Policy:
    """Raises InvalidPolicy. Of a field that is there twice the first counts; unknown ones are ignored."""
    fields: dict[str, str] = {}
    hosts: list[str] = []
    for name, value in map(_name_and_value, text.replace("\r\n", "\n").split("\n")):
        if name == "mx":
            hosts.append(_host(value))
        elif name:
            fields.setdefault(name, value)
    if fields.get("version") != "STSv1":
        raise InvalidPolicy("the version is not STSv1")
    age = fields.get("max_age", "")
    if not _AGE.fullmatch(age):
        raise InvalidPolicy("max_age is no number of seconds")
    if fields.get("mode") not in set(Mode):
        raise InvalidPolicy("the mode is none of enforce, testing and none")
    mode = Mode(fields["mode"])
    if not hosts and mode is not Mode.NONE:
        raise InvalidPolicy("no mx is listed")
    if len(hosts) > HOST_LIMIT:
        raise InvalidPolicy(f"more than {HOST_LIMIT} mx are listed")
    return Policy(mode, tuple(dict.fromkeys(hosts)), min(int(age), LONGEST_AGE))


def _name_and_value(line: str) -> tuple[str, str]:
    if not line.strip(" \t"):
        return "", ""
    match = _LINE.fullmatch(line)
    if match is None:
        raise InvalidPolicy(f"not a field: {line[:40]!r}")
    return match[1], match[2]


def _host(value: str) -> str:
    host = value.lower().removesuffix(".")
    if len(host) > 255 or not _PATTERN.fullmatch(host):
        raise InvalidPolicy(f"not a host name: {value[:80]!r}")
    return host
