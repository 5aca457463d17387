"""Transports and routes in the snapshot."""

import pytest

from delivery.configuration.account_routes import AccountRoutes
from delivery.configuration.sections import Sending
from delivery.models import Route, Transport
from delivery.transports.fail import FailSettings
from delivery.transports.smarthost import SmarthostSettings
from mail.configuration.snapshot import InvalidConfiguration, compile_snapshot
from tests.world.world import World


def sending() -> Sending:
    return compile_snapshot().section(Sending)


def test_a_transport_is_ready_for_use_with_its_password(world: World) -> None:
    row = Transport(name="relay", kind="submission", settings={"host": "relay.example", "username": "me"})
    row.set_password("secret")
    row.save()
    compiled = sending().transports["relay"]
    assert compiled.kind.name == "submission"
    assert isinstance(compiled.settings, SmarthostSettings)
    assert compiled.settings.password == "secret"
    assert "secret" not in repr(compiled)


def test_a_transport_without_kind_delivers_directly(world: World) -> None:
    Transport.objects.create(name="plain")
    assert sending().transports["plain"].kind.name == "direct"


def test_a_transport_that_can_not_be_used_lets_its_mail_wait(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    settings = {"host": "relay.example", "username": "me"}
    Transport.objects.create(name="sealed", kind="smtp", settings=settings)
    Transport.objects.filter(name="sealed").update(password_sealed=b"sealed with another key")
    Transport.objects.create(name="good")
    Transport.objects.create(name="unknown")
    Transport.objects.filter(name="unknown").update(kind="pigeon")
    transports = sending().transports
    for name in ("sealed", "unknown"):
        compiled = transports[name]
        assert compiled.unusable
        assert compiled.kind.name == "fail"
        assert isinstance(compiled.settings, FailSettings)
        assert compiled.settings.smtp_code == 451
    assert not transports["good"].unusable
    assert "a transport can't be used" in caplog.text


def test_routes_are_compiled_by_level_in_their_order(world: World) -> None:
    first, second = Transport.objects.create(name="first"), Transport.objects.create(name="second")
    Route.objects.create(position=1, transport=second)
    Route.objects.create(position=0, transport=first, to_domains=["x.example"])
    Route.objects.create(domain=world.example_org, transport=second)
    Route.objects.create(account=world.alice, transport=first)
    section = sending()
    assert [route.transport for route in section.global_routes] == ["first", "second"]
    assert {
        name: [route.transport for route in routes] for name, routes in section.domain_routes.items()
    } == {"example.org": ["second"]}
    account = AccountRoutes().of(world.alice.pk, 1)
    assert [route.transport for route in account] == ["first"]


def test_a_route_that_can_not_be_read_refuses_the_snapshot(world: World) -> None:
    Route.objects.create(transport=Transport.objects.create(name="plain"))
    Route.objects.update(to_domains=["a..b"])
    with pytest.raises(InvalidConfiguration, match="route"):
        compile_snapshot()
