"""Which addresses an account may send as."""

import pytest

from mail.addresses.parse import parse_address
from mail.configuration.snapshot import compile_snapshot
from mail.directory import may_send_as
from mail.models import Account, Alias, AliasMember, Destination, Domain
from tests.world.world import World


def allowed(account: Account, text: str) -> bool:
    return may_send_as(account.pk, parse_address(text), compile_snapshot())


@pytest.mark.parametrize("text", ["alice@example.org", "Alice+x@example.org"])
def test_an_account_sends_as_its_own_addresses(world: World, text: str) -> None:
    assert allowed(world.alice, text)
    assert not allowed(world.bob, text)


@pytest.mark.parametrize("text", ["nobody@example.org", "alice@remote.example", "alice@[192.0.2.1]"])
def test_nobody_sends_as_an_address_that_belongs_to_nobody(world: World, text: str) -> None:
    assert not allowed(world.alice, text)


def test_the_owner_of_a_catchall_sends_as_unclaimed_addresses(world: World) -> None:
    Destination.objects.create(account=world.bob, domain=world.example_org, is_catchall=True)
    assert world.alice
    assert allowed(world.bob, "anything+x@example.org")
    assert not allowed(world.bob, "alice@example.org")
    assert not allowed(world.alice, "anything@example.org")


def test_the_owner_of_a_catchall_does_not_send_as_an_alias(world: World) -> None:
    Destination.objects.create(account=world.bob, domain=world.example_org, is_catchall=True)
    Alias.objects.create(domain=world.example_org, localpart="team")
    assert not allowed(world.bob, "team@example.org")


@pytest.mark.parametrize(("allow_from", "alice_may"), [(True, True), (False, False)])
def test_members_send_as_an_alias_that_allows_it(world: World, allow_from: bool, alice_may: bool) -> None:
    team = Alias.objects.create(domain=world.example_org, localpart="team", allow_from=allow_from)
    AliasMember.objects.create(alias=team, destination=world.alice.destinations.get())
    assert allowed(world.alice, "team@example.org") is alice_may
    assert not allowed(world.bob, "team@example.org")


def test_a_refused_address_can_still_be_sent_from(world: World) -> None:
    Destination.objects.create(
        account=world.alice, domain=world.example_org, localpart="noreply", smtp_error="550 nobody reads this"
    )
    assert allowed(world.alice, "noreply@example.org")


def test_a_disabled_domain_does_not_change_whose_an_address_is(world: World) -> None:
    assert world.alice
    Domain.objects.update(disabled=True)
    assert allowed(world.alice, "alice@example.org")


@pytest.mark.parametrize("text", ["postmaster@example.org", "postmaster@mail.example.org"])
def test_the_postmaster_sends_as_postmaster(world: World, text: str) -> None:
    assert world.alice
    assert world.bob
    assert allowed(world.alice, text)
    assert not allowed(world.bob, text)
