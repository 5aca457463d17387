"""Typed reading of variables."""

import ipaddress
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from moxsite.env import Environment, WrongValue

Reading = Callable[[Environment], Any]

READINGS: dict[str, Reading] = {
    "integer": lambda env: env.integer("NAME", 5, low=1, high=9, meaning=""),
    "choice": lambda env: env.choice("NAME", "red", ("red", "green"), meaning=""),
    "switch": lambda env: env.switch("NAME", meaning=""),
    "addresses": lambda env: env.addresses("NAME", meaning=""),
    "networks": lambda env: env.networks("NAME", meaning=""),
    "host_and_port": lambda env: env.host_and_port("NAME", 53, meaning=""),
}


@pytest.mark.parametrize(
    ("reading", "value", "result"),
    [
        ("integer", " 7 ", 7),
        ("integer", "", 5),
        ("choice", "GREEN", "green"),
        ("switch", "1", True),
        ("switch", "", False),
        ("addresses", "192.0.2.1, ::1,", (ipaddress.ip_address("192.0.2.1"), ipaddress.ip_address("::1"))),
        ("networks", "192.0.2.0/24", (ipaddress.ip_network("192.0.2.0/24"),)),
        ("host_and_port", "dns.example", ("dns.example", 53)),
        ("host_and_port", "[::1]:5353", ("::1", 5353)),
        ("host_and_port", "::1", ("::1", 53)),
        ("host_and_port", "", None),
    ],
)
def test_a_good_value_has_its_type(reading: str, value: str, result: object) -> None:
    assert READINGS[reading](Environment({"NAME": value})) == result


@pytest.mark.parametrize(
    ("reading", "value"),
    [
        ("integer", "0"),
        ("integer", "ten"),
        ("choice", "blue"),
        ("switch", "yes"),
        ("addresses", "localhost"),
        ("networks", "192.0.2.1/24"),
        ("host_and_port", "dns.example:0"),
        ("host_and_port", ":53"),
        ("host_and_port", "[::1]53"),
    ],
)
def test_a_wrong_value_stops_with_name_value_and_what_was_expected(reading: str, value: str) -> None:
    with pytest.raises(WrongValue, match=r"^NAME='.*' in the environment can't be used: expected ") as caught:
        READINGS[reading](Environment({"NAME": value}))
    assert value in caught.value.message


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from the file\n")
    environment = Environment({"NAME_FILE": str(tmp_path / "secret")})
    assert environment.secret("NAME", meaning="") == "from the file"


def test_a_secret_given_twice_or_in_a_missing_file_stops(tmp_path: Path) -> None:
    with pytest.raises(WrongValue, match="only one of NAME and NAME_FILE"):
        Environment({"NAME": "a", "NAME_FILE": "/x"}).secret("NAME", meaning="")
    with pytest.raises(WrongValue, match="NAME_FILE"):
        Environment({"NAME_FILE": str(tmp_path / "none")}).secret("NAME", meaning="")


def test_every_reading_is_noted_with_its_meaning_for_the_reference_page() -> None:
    environment = Environment({})
    environment.integer("NAME", 5, low=1, high=9, meaning="How many.")
    (definition,) = environment.definitions.values()
    assert (definition.name, definition.default, definition.meaning) == ("NAME", "5", "How many.")
    assert definition.expected == "a whole number from 1 to 9"
