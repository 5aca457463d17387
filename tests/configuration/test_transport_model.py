"""Saving transports and their passwords."""

import pytest
from django.core.exceptions import ValidationError

from delivery.configuration.passwords import complete_settings
from delivery.models import Transport
from mail.secrets import SealBroken
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")

RELAY = {"host": "relay.example", "username": "me"}


def problems(**fields: object) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as error:
        Transport.objects.create(name="relay", **fields)
    found: dict[str, list[str]] = error.value.message_dict
    return found


def test_without_a_kind_it_is_direct_delivery(world: World) -> None:
    assert Transport.objects.create(name="plain").settings == {}
    assert Transport.objects.create(name="four", settings={"ipv6": False}).kind == ""


def test_an_unknown_kind_is_refused(world: World) -> None:
    assert "there are direct, " in problems(kind="pigeon")["kind"][0]


@pytest.mark.parametrize(
    ("kind", "settings", "message"),
    [
        ("smtp", {}, "host: is needed"),
        ("smtp", {"host": "192.0.2.1"}, "host: '192.0.2.1' is not a host name"),
        ("submissions", {"host": "a.example", "no_starttls": True}, "no_starttls: is not possible"),
        ("fail", {"smtp_code": 250}, "smtp_code: must be from 400 to 599"),
        ("direct", {"ipv4": False, "ipv6": False}, "one of IPv4 and IPv6"),
        ("", {"host": "a.example"}, "host: is not a setting"),
        ("smtp", {**RELAY, "password": "x"}, "password: is kept apart"),
        ("smtp", ["host"], "a table of names"),
    ],
)
def test_settings_are_checked_by_the_kind(world: World, kind: str, settings: object, message: str) -> None:
    assert message in " ".join(problems(kind=kind, settings=settings)["settings"])


@pytest.mark.parametrize("name", ["", "-a", "a b", "ä", "x" * 65])
def test_a_transport_has_a_plain_name(world: World, name: str) -> None:
    with pytest.raises(ValidationError) as error:
        Transport.objects.create(name=name)
    assert "name" in error.value.message_dict


def test_the_password_is_sealed_when_it_is_saved(world: World) -> None:
    relay = Transport(name="relay", kind="smtp", settings=RELAY)
    relay.set_password("secret")
    assert relay.has_password
    relay.save()
    stored = Transport.objects.get(name="relay")
    assert b"secret" not in bytes(stored.password_sealed)
    assert stored.password == "secret"
    assert complete_settings(stored) == {**RELAY, "password": "secret"}


def test_saving_again_keeps_the_password_and_an_empty_one_removes_it(world: World) -> None:
    relay = Transport(name="relay", kind="smtp", settings=RELAY)
    relay.set_password("secret")
    relay.save()
    relay.settings = {**RELAY, "port": 2525}
    relay.save()
    assert Transport.objects.get().password == "secret"
    relay.set_password("")
    relay.save()
    stored = Transport.objects.get()
    assert (stored.password, stored.has_password) == ("", False)
    assert complete_settings(stored) == stored.settings


def test_a_password_sealed_for_another_transport_does_not_open(world: World) -> None:
    relay = Transport(name="relay", kind="smtp", settings=RELAY)
    relay.set_password("secret")
    relay.save()
    other = Transport.objects.create(name="other", kind="smtp", settings=RELAY)
    Transport.objects.filter(pk=other.pk).update(password_sealed=relay.password_sealed)
    with pytest.raises(SealBroken):
        _ = Transport.objects.get(name="other").password


def test_a_password_needs_a_kind_that_logs_in(world: World) -> None:
    plain = Transport(name="plain")
    plain.set_password("secret")
    with pytest.raises(ValidationError):
        plain.save()


def test_a_password_needs_a_user_name(world: World) -> None:
    relay = Transport(name="relay", kind="smtp", settings={"host": "relay.example"})
    relay.set_password("secret")
    with pytest.raises(ValidationError, match="username"):
        relay.save()
