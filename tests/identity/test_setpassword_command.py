"""manage.py setpassword"""

import io
import sys

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from mail.identity.verify import verify_password
from mail.models import Destination
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")


class Terminal(io.StringIO):
    """Standard input on which somebody types."""

    def isatty(self) -> bool:
        return True


def set_password(address: str) -> str:
    output = io.StringIO()
    call_command("setpassword", address, stdout=output)
    return output.getvalue()


@pytest.fixture(autouse=True)
def people(world: World) -> None:
    assert world.alice
    assert world.bob


@pytest.mark.parametrize("address", ["alice", "alice@example.org", "Alice+x@example.org"])
def test_the_password_comes_from_standard_input(
    world: World, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("a new password\n"))
    assert set_password(address) == "The password of alice is set.\n"
    assert verify_password("alice", "a new password") is not None


def test_a_person_types_it_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = iter(["a new password", "a new password", "a new password", "another one"])
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(typed))
    set_password("alice")
    with pytest.raises(CommandError, match="differ"):
        set_password("alice")


def test_a_poor_password_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("short\n"))
    with pytest.raises(CommandError, match="at least 8"):
        set_password("alice")
    assert verify_password("alice", world.password) is not None


def test_an_unknown_address_is_an_error(world: World) -> None:
    with pytest.raises(CommandError, match="no login for nobody@example"):
        set_password("nobody@example.org")


def test_a_mistyped_address_does_not_reach_the_owner_of_the_catchall(world: World) -> None:
    Destination.objects.create(account=world.bob, domain=world.example_org, is_catchall=True)
    with pytest.raises(CommandError):
        set_password("alcie@example.org")
