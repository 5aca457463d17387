"""Saving routes."""

import pytest
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import ProtectedError

from delivery.models import Route, Transport
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")


@pytest.fixture
def relay(world: World) -> Transport:
    return Transport.objects.create(name="relay")


def test_patterns_are_stored_with_a_labels(relay: Transport) -> None:
    route = Route.objects.create(
        transport=relay, from_domains=[" .Bücher.Example"], to_domains=[".", "X.example"]
    )
    assert route.from_domains == [".xn--bcher-kva.example"]
    assert route.to_domains == [".", "x.example"]


@pytest.mark.parametrize("pattern", ["", "a..b", "*.example", "192.0.2.1", "a b", 5])
def test_what_is_no_pattern_is_refused(relay: Transport, pattern: object) -> None:
    with pytest.raises(ValidationError) as error:
        Route.objects.create(transport=relay, to_domains=["x.example", pattern])
    assert set(error.value.message_dict) == {"to_domains"}


def test_patterns_are_a_list(relay: Transport) -> None:
    with pytest.raises(ValidationError) as error:
        Route.objects.create(transport=relay, from_domains="x.example")
    assert set(error.value.message_dict) == {"from_domains"}


def test_a_route_needs_a_transport(world: World) -> None:
    with pytest.raises(ValidationError) as error:
        Route(to_domains=[]).save()
    assert set(error.value.message_dict) == {"transport"}


def test_a_route_has_one_level(world: World, relay: Transport) -> None:
    with pytest.raises(ValidationError) as error:
        Route.objects.create(transport=relay, account=world.alice, domain=world.example_org)
    assert NON_FIELD_ERRORS in error.value.message_dict


def test_a_transport_that_routes_use_stays(relay: Transport) -> None:
    Route.objects.create(transport=relay)
    with pytest.raises(ProtectedError):
        relay.delete()
