"""Typed reading of environment variables.

A wrong value stops the program with the name, the value and what was expected. A secret may also come
from a file that NAME_FILE names. Each reading says what the variable means: docs/settings.md is made of that.
"""

import ipaddress
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from mail.ip_address import IPAddress

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

T = TypeVar("T")

EX_CONFIG = 78
"""Exit status of manage.py when a variable can't be used (sysexits.h)."""


class WrongValue(SystemExit):
    """A variable holds something that can't be used. Ends the program with this message."""

    def __init__(self, name: str, value: str, expected: str) -> None:
        self.message = f"{name}={value!r} in the environment can't be used: expected {expected}"
        super().__init__(self.message)


@dataclass(frozen=True, slots=True)
class Definition:
    """What there is to know of one variable."""

    name: str
    default: str
    expected: str
    meaning: str
    is_secret: bool = False


class Environment:
    """Reads variables from a mapping, the process's environment by default.

    `definitions` lists what was read so far, in that order.
    """

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        self._variables = os.environ if variables is None else variables
        self.definitions: dict[str, Definition] = {}

    def text(self, name: str, default: str = "", *, meaning: str) -> str:
        """The value with surrounding white space removed."""
        self._define(name, default, "text", meaning)
        return self._value(name) or default

    def switch(self, name: str, *, meaning: str) -> bool:
        """Whether the value is 1; unset, empty and 0 mean no."""
        return self.choice(name, "0", ("0", "1"), meaning=meaning) == "1"

    def integer(self, name: str, default: int, *, low: int, high: int, meaning: str) -> int:
        """A whole number from `low` to `high`."""
        expected = f"a whole number from {low} to {high}"

        def parse(value: str) -> int:
            number = int(value)
            if not low <= number <= high:
                raise ValueError
            return number

        self._define(name, str(default), expected, meaning)
        return self._parsed(name, default, parse)

    def choice(self, name: str, default: str, allowed: tuple[str, ...], *, meaning: str) -> str:
        """One of the words in `allowed`, in lower case."""

        def parse(value: str) -> str:
            return allowed[allowed.index(value.lower())]

        self._define(name, default, "one of " + ", ".join(allowed), meaning)
        return self._parsed(name, default, parse)

    def words(self, name: str, allowed: tuple[str, ...], *, meaning: str) -> tuple[str, ...]:
        """Any of the words in `allowed`, separated by commas, in lower case."""
        self._define(name, "", " or ".join((*allowed, ",".join(allowed))), meaning)
        return self._listed(name, lambda value: allowed[allowed.index(value.lower())])

    def folder(self, name: str, default: str, *, meaning: str) -> Path:
        """An absolute path of a directory, which need not exist yet."""
        self._define(name, default, "a directory", meaning)
        return Path(self._value(name) or default).expanduser().absolute()

    def addresses(self, name: str, *, meaning: str) -> tuple[IPAddress, ...]:
        """IP addresses separated by commas."""
        self._define(name, "", "IP addresses separated by commas", meaning)
        return self._listed(name, ipaddress.ip_address)

    def hosts(self, name: str, *, meaning: str) -> tuple[tuple[str, str], ...]:
        """Host names, each with an address: mx2.example.org=192.0.2.2, separated by commas."""

        def parse(item: str) -> tuple[str, str]:
            host, sign, ip = item.partition("=")
            if not sign or not host.strip():
                raise ValueError
            return host.strip().lower().removesuffix("."), str(ipaddress.ip_address(ip.strip()))

        self._define(name, "", "NAME=ADDRESS pairs separated by commas", meaning)
        return self._listed(name, parse)

    def networks(self, name: str, *, meaning: str) -> tuple[Network, ...]:
        """Networks such as 192.0.2.0/24, separated by commas."""
        self._define(name, "", "networks such as 192.0.2.0/24, separated by commas", meaning)
        return self._listed(name, ipaddress.ip_network)

    def server(self, name: str, default_port: int, *, meaning: str) -> tuple[str, int] | None:
        """The IP address and port of a server.

        IPv6 addresses with a port stand in brackets. A name is looked up, once.
        """
        self._define(name, "", "ADDRESS or ADDRESS:PORT, with an IP address or a name that has one", meaning)
        return self._parsed(name, None, lambda value: _server(value, default_port))

    def url(self, name: str, default: str, schemes: tuple[str, ...], *, meaning: str) -> str:
        """A secret, as `secret`, that is a URL of one of these schemes, or empty."""
        value = self.secret(name, default, meaning=meaning)
        scheme, separator, _ = value.partition("://")
        if value and (not separator or scheme not in schemes):
            # The value may hold a password.
            shown = f"{scheme}://…" if separator else "…"
            raise WrongValue(name, shown, " or ".join(f"{each}://…" for each in schemes))
        return value

    def secret(self, name: str, default: str = "", *, meaning: str) -> str:
        """The value of NAME, or what stands in the file that NAME_FILE names."""
        self._define(name, default, "text", meaning, is_secret=True)
        path = self._value(f"{name}_FILE")
        if not path:
            return self._value(name) or default
        if self._value(name):
            raise WrongValue(f"{name}_FILE", path, f"only one of {name} and {name}_FILE")
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise WrongValue(f"{name}_FILE", path, f"a readable text file ({error})") from None

    def _define(
        self, name: str, default: str, expected: str, meaning: str, *, is_secret: bool = False
    ) -> None:
        self.definitions[name] = Definition(name, default, expected, meaning, is_secret)

    def _value(self, name: str) -> str:
        return self._variables.get(name, "").strip()

    def _parsed(self, name: str, default: T, parse: Callable[[str], T]) -> T:
        value = self._value(name)
        if not value:
            return default
        try:
            return parse(value)
        except ValueError:
            raise WrongValue(name, value, self.definitions[name].expected) from None

    def _listed(self, name: str, parse: Callable[[str], T]) -> tuple[T, ...]:
        empty: tuple[T, ...] = ()
        return self._parsed(
            name,
            empty,
            lambda value: tuple(parse(item.strip()) for item in value.split(",") if item.strip()),
        )


def _server(value: str, default_port: int) -> tuple[str, int]:
    host, port = _split_host_and_port(value, default_port)
    try:
        return str(ipaddress.ip_address(host)), port
    except ValueError:
        pass
    try:
        return str(socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0][4][0]), port
    except (OSError, UnicodeError) as error:
        raise ValueError(str(error)) from None


def _split_host_and_port(value: str, default_port: int) -> tuple[str, int]:
    host, port = value, str(default_port)
    if value.startswith("["):
        host, _, rest = value[1:].partition("]")
        if rest and not rest.startswith(":"):
            raise ValueError
        port = rest[1:] or port
    elif value.count(":") == 1:
        host, port = value.split(":")
    number = int(port)
    if not host or not 1 <= number <= 65535:
        raise ValueError
    return host, number
