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
    "server": lambda env: env.server("NAME", 53, meaning=""),
    "url": lambda env: env.url("NAME", "memory://", ("memory", "redis"), meaning=""),
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
        ("server", "192.0.2.1", ("192.0.2.1", 53)),
        ("server", "192.0.2.1:5353", ("192.0.2.1", 5353)),
        ("url", "", "memory://"),
        ("url", "redis://h/0", "redis://h/0"),
        ("server", "[::1]:5353", ("::1", 5353)),
        ("server", "::1", ("::1", 53)),
        ("server", "", None),
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
        ("server", "192.0.2.1:0"),
        ("server", ":53"),
        ("server", "[::1]53"),
        ("server", "no-such-host.invalid"),
        ("server", "a b"),
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


def test_the_name_of_a_server_is_looked_up() -> None:
    found = Environment({"NAME": "localhost:5353"}).server("NAME", 53, meaning="")
    assert found in {("127.0.0.1", 5353), ("::1", 5353)}


@pytest.mark.parametrize("value", ["secret", "http://:secret@host"])
def test_a_wrong_url_is_not_shown_as_it_may_hold_a_password(value: str) -> None:
    with pytest.raises(WrongValue, match="expected memory://… or redis://…") as caught:
        READINGS["url"](Environment({"NAME": value}))
    assert "secret" not in caught.value.message
