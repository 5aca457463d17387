"""Who gets mail for an address."""

import pytest
from django.test import override_settings

from mail.addresses.address import Address, Catchall
from mail.addresses.parse import parse_path
from mail.configuration.snapshot import compile_snapshot
from mail.directory import (
    AccountDestination,
    AliasTargets,
    Disabled,
    NotHosted,
    Refused,
    Resolution,
    UnknownLocalpart,
    look_up,
)
from mail.models import Alias, AliasMember, Destination, Domain
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")


def ask(text: str) -> Resolution:
    address, _ = parse_path(f"<{text}>")
    assert address is not None
    return look_up(address, compile_snapshot())


def got_by(text: str) -> tuple[str, str]:
    """The account and the destination that get mail for the address."""
    found = ask(text)
    assert isinstance(found, AccountDestination), found
    return found.account_name, str(found.address)


def catchall(world: World, **fields: object) -> Destination:
    return Destination.objects.create(account=world.bob, domain=world.example_org, is_catchall=True, **fields)


def alias(world: World, *members: Destination, **fields: object) -> Alias:
    made = Alias.objects.create(domain=world.example_org, localpart="team", **fields)
    for member in members:
        AliasMember.objects.create(alias=made, destination=member)
    return made


@pytest.mark.parametrize(
    "text",
    [
        "alice@example.org",
        "ALICE@Example.ORG",
        "alice+shop@example.org",
        "Alice+@example.org",
        '"alice"@example.org',
    ],
)
def test_every_form_of_an_address_goes_to_its_account(world: World, text: str) -> None:
    assert world.alice
    assert world.bob
    assert got_by(text) == ("alice", "alice@example.org")


def test_an_unknown_localpart_is_unknown(world: World) -> None:
    assert world.alice
    assert ask("nobody@example.org") == UnknownLocalpart()


@pytest.mark.parametrize("text", ["carol@remote.example", "alice@sub.example.org", "alice@[192.0.2.1]"])
def test_other_domains_are_not_hosted(world: World, text: str) -> None:
    assert world.alice
    assert ask(text) == NotHosted()


def test_a_disabled_domain_is_disabled_for_known_and_unknown_addresses(world: World) -> None:
    catchall(world)
    Domain.objects.update(disabled=True)
    assert ask("bob@example.org") == Disabled()
    assert ask("nobody@example.org") == Disabled()


def test_the_catchall_gets_what_nobody_else_does(world: World) -> None:
    assert world.alice
    catchall(world, mailbox="Rest")
    expected = AccountDestination(world.bob.pk, "bob", "Rest", Catchall("example.org"))
    for text in ("nobody@example.org", "nobody+x@example.org", '"+x"@example.org'):
        assert ask(text) == expected
    assert got_by("alice+x@example.org") == ("alice", "alice@example.org")


def test_upper_case_goes_to_the_catchall_of_a_case_sensitive_domain(world: World) -> None:
    assert world.alice
    catchall(world)
    world.example_org.localpart_case_sensitive = True
    world.example_org.save()
    assert got_by("Alice@example.org") == ("bob", "@example.org")


def test_a_catchall_of_another_domain_does_not_count(world: World) -> None:
    catchall(world)
    assert world.b_example
    assert ask("nobody@b.example") == UnknownLocalpart()


@pytest.mark.parametrize("text", ["a-b@two.example", "a-b+c@two.example", "a+b-c@two.example"])
def test_several_separators(world: World, text: str) -> None:
    domain = Domain.objects.create(name="two.example", localpart_separators=["+", "-"])
    Destination.objects.create(account=world.alice, domain=domain, localpart="a")
    assert got_by(text) == ("alice", "a@two.example")


def test_an_address_may_be_refused_below_a_catchall(world: World) -> None:
    catchall(world)
    Destination.objects.create(
        account=world.alice, domain=world.example_org, localpart="spamtrap", smtp_error="550 no such user"
    )
    found = ask("spamtrap+x@example.org")
    assert isinstance(found, Refused)
    assert str(found.reply) == "550 5.1.1 no such user"


def test_a_catchall_may_refuse(world: World) -> None:
    catchall(world, smtp_error="421 later")
    found = ask("nobody@example.org")
    assert isinstance(found, Refused)
    assert found.reply.code == 451


def test_an_alias_goes_to_its_members_in_order(world: World) -> None:
    made = alias(world, world.bob.destinations.get(), world.alice.destinations.get(), post_public=True)
    found = ask("Team+x@example.org")
    assert isinstance(found, AliasTargets)
    assert [target.account_name for target in found.targets] == ["bob", "alice"]
    assert found.members == found.targets
    assert (found.address, found.post_public, found.allow_from) == (made.address, True, False)
    assert found.has_member(world.alice.pk)


def test_members_of_several_aliases_get_one_copy_of_each(world: World) -> None:
    member = world.bob.destinations.get()
    other = Alias.objects.create(domain=world.example_org, localpart="other")
    AliasMember.objects.create(alias=other, destination=member)
    alias(world, member)
    found = ask("team@example.org")
    assert isinstance(found, AliasTargets)
    assert len(found.targets) == 1


def test_an_alias_comes_before_the_catchall(world: World) -> None:
    catchall(world)
    alias(world, world.bob.destinations.get(is_catchall=False))
    assert isinstance(ask("team@example.org"), AliasTargets)


def test_a_member_that_refuses_mail_gets_no_copy(world: World) -> None:
    alice, bob = world.alice.destinations.get(), world.bob.destinations.get()
    alias(world, alice, bob)
    bob.smtp_error = "550 gone"
    bob.save()
    found = ask("team@example.org")
    assert isinstance(found, AliasTargets)
    assert [target.account_name for target in found.targets] == ["alice"]
    assert [member.account_name for member in found.members] == ["alice", "bob"]


def test_an_alias_all_of_whose_members_refuse_refuses(world: World) -> None:
    bob = world.bob.destinations.get()
    alias(world, bob)
    bob.smtp_error = "550 gone"
    bob.save()
    assert isinstance(ask("team@example.org"), Refused)


def test_an_alias_without_members_is_unknown(world: World) -> None:
    alias(world)
    assert ask("team@example.org") == UnknownLocalpart()


@pytest.mark.parametrize("text", ["postmaster", "Postmaster", "POSTMASTER@mail.example.org"])
def test_the_postmaster_of_the_server_is_the_first_account(world: World, text: str) -> None:
    assert world.bob
    assert world.alice
    account, _ = got_by(text)
    assert account == "alice"


def test_the_postmaster_is_the_account_of_an_admin_if_one_has_an_account(world: World) -> None:
    assert world.alice
    login = world.bob.login
    login.is_staff = True
    login.save()
    assert got_by("postmaster") == ("bob", "postmaster")


def test_a_server_without_accounts_has_no_postmaster(world: World) -> None:
    assert world.example_org
    assert ask("postmaster") == UnknownLocalpart()
    assert ask("postmaster@example.org") == UnknownLocalpart()


def test_the_postmaster_of_a_hosted_domain_falls_back_to_that_of_the_server(world: World) -> None:
    assert world.alice
    assert got_by("PostMaster@example.org")[0] == "alice"


def test_a_catchall_takes_the_postmaster_of_its_domain_but_not_of_the_server(world: World) -> None:
    assert world.alice
    catchall(world)
    assert got_by("postmaster@example.org") == ("bob", "@example.org")
    with override_settings(MOXSITE_HOSTNAME="example.org"):
        assert got_by("postmaster@example.org")[0] == "alice"


def test_the_postmaster_of_a_domain_can_be_configured(world: World) -> None:
    assert world.alice
    Destination.objects.create(account=world.bob, domain=world.example_org, localpart="postmaster")
    world.example_org.localpart_case_sensitive = True
    world.example_org.save()
    assert got_by("POSTMASTER@example.org") == ("bob", "postmaster@example.org")


def test_an_address_of_an_internationalised_domain(world: World) -> None:
    domain = Domain.objects.create(name="☺.example")
    Destination.objects.create(account=world.alice, domain=domain, localpart="björn")
    found = look_up(Address("BJÖRN", "xn--74h.example"), compile_snapshot())
    assert isinstance(found, AccountDestination)
    assert str(ask("björn@☺.example")) == str(found)
