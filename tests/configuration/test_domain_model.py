"""Saving domains, and what a change does to the addresses they have."""

import pytest
from django.core.exceptions import ValidationError

from mail.models import Alias, Destination, Domain
from tests.world.world import World


def refused(error: pytest.ExceptionInfo[ValidationError], field: str) -> str:
    messages: list[str] = error.value.message_dict[field]
    return " ".join(messages)


def test_the_name_is_stored_as_a_labels(world: World) -> None:
    assert Domain.objects.create(name="Bücher.Example").name == "xn--bcher-kva.example"


def test_the_same_domain_in_another_spelling_is_refused(world: World) -> None:
    Domain.objects.create(name="bücher.example")
    with pytest.raises(ValidationError) as error:
        Domain.objects.create(name="XN--BCHER-KVA.example")
    assert "already exists" in refused(error, "name")


def test_all_problems_are_told_at_once(world: World) -> None:
    with pytest.raises(ValidationError) as error:
        Domain(name="a b", localpart_separators=[""]).save()
    assert set(error.value.message_dict) == {"name", "localpart_separators"}


def test_a_separator_that_an_address_contains_is_refused(world: World) -> None:
    Destination.objects.create(account=world.alice, domain=world.b_example, localpart="a-b")
    world.b_example.localpart_separators = ["-"]
    with pytest.raises(ValidationError) as error:
        world.b_example.save()
    assert "a-b@b.example of account alice" in refused(error, "localpart_separators")
    assert Domain.objects.get(name="b.example").localpart_separators == []


def test_dropping_case_is_refused_when_two_addresses_would_be_one(world: World) -> None:
    domain = Domain.objects.create(name="case.example", localpart_case_sensitive=True)
    Destination.objects.create(account=world.alice, domain=domain, localpart="Info")
    Alias.objects.create(domain=domain, localpart="info")
    domain.localpart_case_sensitive = False
    with pytest.raises(ValidationError) as error:
        domain.save()
    assert "account alice" in refused(error, "localpart_case_sensitive")


def test_a_change_of_case_gives_addresses_their_new_canonical_form(world: World) -> None:
    domain = Domain.objects.create(name="case.example")
    info = Destination.objects.create(account=world.alice, domain=domain, localpart="Info")
    team = Alias.objects.create(domain=domain, localpart="TEAM")
    assert (info.canonical_localpart, team.canonical_localpart) == ("info", "team")
    domain.localpart_case_sensitive = True
    domain.save()
    info.refresh_from_db()
    team.refresh_from_db()
    assert (info.canonical_localpart, team.canonical_localpart) == ("Info", "TEAM")


def test_removing_a_separator_frees_addresses_that_contain_it(world: World) -> None:
    world.example_org.localpart_separators = []
    world.example_org.save()
    created = Destination.objects.create(account=world.bob, domain=world.example_org, localpart="alice+x")
    assert created.canonical_localpart == "alice+x"


def test_many_conflicts_are_told_in_short(world: World) -> None:
    for number in range(8):
        Destination.objects.create(account=world.alice, domain=world.b_example, localpart=f"a-{number}")
    world.b_example.localpart_separators = ["-"]
    with pytest.raises(ValidationError) as error:
        world.b_example.save()
    assert refused(error, "localpart_separators").endswith("And 3 more addresses.")


def test_saving_one_field_alone_still_validates(world: World) -> None:
    world.b_example.name = "not a domain"
    with pytest.raises(ValidationError):
        world.b_example.save(update_fields=["disabled"])
