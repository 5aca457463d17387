"""Saving destinations, aliases and members."""

import pytest
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from mail.models import Account, Alias, AliasMember, Destination, Domain
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")


def destination(world: World, localpart: str, **fields: object) -> Destination:
    fields = {"account": world.alice, "domain": world.example_org, "localpart": localpart, **fields}
    return Destination.objects.create(**fields)


def problems(error: pytest.ExceptionInfo[ValidationError], field: str) -> str:
    messages: list[str] = error.value.message_dict[field]
    assert len(messages) == 1
    return messages[0]


def test_the_canonical_localpart_is_computed(world: World) -> None:
    assert destination(world, "Info").canonical_localpart == "info"


@pytest.mark.parametrize("localpart", ["bob", "BOB"])
def test_an_address_of_another_account_is_refused_by_its_name(world: World, localpart: str) -> None:
    assert world.bob
    with pytest.raises(ValidationError) as error:
        destination(world, localpart)
    assert "account bob" in problems(error, "localpart")


def test_an_address_of_an_alias_is_refused(world: World) -> None:
    Alias.objects.create(domain=world.example_org, localpart="team")
    with pytest.raises(ValidationError) as error:
        destination(world, "Team")
    assert "the alias team@example.org" in problems(error, "localpart")


def test_an_alias_on_an_address_of_an_account_is_refused(world: World) -> None:
    assert world.bob
    with pytest.raises(ValidationError) as error:
        Alias.objects.create(domain=world.example_org, localpart="Bob")
    assert "account bob" in problems(error, "localpart")


def test_a_second_alias_of_the_same_address_is_refused(world: World) -> None:
    Alias.objects.create(domain=world.example_org, localpart="team")
    with pytest.raises(ValidationError) as error:
        Alias.objects.create(domain=world.example_org, localpart="TEAM")
    assert "the alias team@example.org" in problems(error, "localpart")


@pytest.mark.parametrize("localpart", ["a+b", "+", "+x", "x+"])
def test_a_localpart_with_a_separator_is_refused(world: World, localpart: str) -> None:
    with pytest.raises(ValidationError) as error:
        destination(world, localpart)
    assert "separator" in problems(error, "localpart")


@pytest.mark.parametrize("localpart", ["", "a\x00b", "a\nb", "ü" * 65])
def test_what_is_no_localpart_is_refused(world: World, localpart: str) -> None:
    with pytest.raises(ValidationError) as error:
        destination(world, localpart)
    assert "localpart" in error.value.message_dict


def test_a_localpart_that_needs_quotes_is_allowed(world: World) -> None:
    assert str(destination(world, "john doe")) == '"john doe"@example.org'


def test_the_localpart_is_stored_in_normal_form(world: World) -> None:
    assert destination(world, "bjo\u0308rn").localpart == "björn"


def test_one_catchall_per_domain(world: World) -> None:
    first = destination(world, "ignored", is_catchall=True)
    assert (first.localpart, str(first)) == ("", "@example.org")
    with pytest.raises(ValidationError) as error:
        destination(world, "", account=world.bob, is_catchall=True)
    assert "account alice" in problems(error, "localpart")


def test_the_catchall_can_be_saved_again(world: World) -> None:
    first = destination(world, "", is_catchall=True)
    first.mailbox = "inbox/rest"
    first.save()
    assert first.mailbox == "Inbox/rest"


def test_a_refusal_excludes_a_mailbox(world: World) -> None:
    with pytest.raises(ValidationError) as error:
        destination(world, "spamtrap", smtp_error="550 no", mailbox="Spam")
    assert "mailbox" in problems(error, "smtp_error")


def test_a_missing_domain_is_a_problem_of_the_field(world: World) -> None:
    with pytest.raises(ValidationError) as error:
        Destination(account=world.alice, localpart="x").save()
    assert set(error.value.message_dict) == {"domain"}


def test_problems_of_hidden_fields_are_said_about_the_row(world: World) -> None:
    assert world.bob
    row = Destination(account=world.alice, domain=world.example_org, localpart="bob")
    with pytest.raises(ValidationError) as error:
        row.full_clean(exclude={"localpart"})
    assert "account bob" in problems(error, NON_FIELD_ERRORS)


def test_a_catchall_can_not_be_a_member(world: World) -> None:
    alias = Alias.objects.create(domain=world.example_org, localpart="team")
    with pytest.raises(ValidationError) as error:
        AliasMember.objects.create(alias=alias, destination=destination(world, "", is_catchall=True))
    assert "catchall" in problems(error, "destination")


def test_a_member_counts_once(world: World) -> None:
    alias = Alias.objects.create(domain=world.example_org, localpart="team")
    member = world.alice.destinations.get()
    AliasMember.objects.create(alias=alias, destination=member)
    with pytest.raises(ValidationError):
        AliasMember.objects.create(alias=alias, destination=member)


def test_equal_localparts_of_two_domains_are_two_addresses(world: World) -> None:
    assert world.alice
    assert destination(world, "alice", account=world.bob, domain=world.b_example).pk


@pytest.mark.parametrize("name", ["", "Alice", "a b", "-a", "a-", "ä", "x" * 65])
def test_an_account_has_a_plain_name(world: World, name: str) -> None:
    with pytest.raises(ValidationError) as error:
        Account.objects.create(name=name)
    assert "name" in error.value.message_dict


def test_an_account_does_not_take_the_name_of_a_foreign_login(world: World) -> None:
    assert world.admin
    with pytest.raises(ValidationError) as error:
        Account.objects.create(name="admin")
    assert "login named admin" in problems(error, "name")


@pytest.mark.parametrize("field", ["max_outgoing_messages_per_day", "max_first_time_recipients_per_day"])
def test_limits_are_unlimited_or_not_negative(world: World, field: str) -> None:
    Account.objects.create(name="one", **{field: -1})
    with pytest.raises(ValidationError) as error:
        Account.objects.create(name="two", **{field: -2})
    assert field in error.value.message_dict


def test_equal_addresses_of_a_case_sensitive_domain_may_differ_in_case(world: World) -> None:
    domain = Domain.objects.create(name="case.example", localpart_case_sensitive=True)
    assert destination(world, "Info", domain=domain).canonical_localpart == "Info"
    assert destination(world, "info", domain=domain).canonical_localpart == "info"
