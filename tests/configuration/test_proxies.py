"""Transports that are reached through another one: what may be saved, and what processes make of it."""

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError

from delivery.configuration.sections import Sending, compile_sending
from delivery.models import Transport
from delivery.transports.smarthost import SmarthostSettings
from mail.configuration.snapshots import Snapshots
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")

RELAY = {"host": "relay.example"}


@pytest.fixture
def tunnel(world: World) -> Transport:
    tunnel = Transport(name="tunnel", kind="socks", settings={"address": "127.0.0.1:9050", "username": "me"})
    tunnel.set_password("secret")
    tunnel.save()
    return tunnel


@pytest.fixture
def relay(tunnel: Transport) -> Transport:
    return Transport.objects.create(name="relay", kind="smtp", settings={**RELAY, "proxy": "tunnel"})


def refusal(transport: Transport) -> str:
    with pytest.raises(ValidationError) as error:
        transport.save()
    return " ".join(error.value.messages)


def compiled(sending: Sending) -> SmarthostSettings:
    settings = sending.transports["relay"].settings
    assert isinstance(settings, SmarthostSettings)
    return settings


@pytest.mark.parametrize(
    ("kind", "proxy", "message"),
    [
        ("smtp", "nobody", "proxy: there is no transport named nobody"),
        ("smtp", "plain", "proxy: plain is a transport of kind direct; a proxy is one of kind socks"),
        ("smtp", "x", "proxy: x is a transport of kind smtp"),
        ("submission", 5, "proxy: must be text"),
        ("direct", "tunnel", "proxy: is not a setting of this kind"),
        ("socks", "tunnel", "proxy: is not a setting of this kind"),
    ],
)
def test_a_proxy_is_a_transport_of_kind_socks_without_a_chain(
    tunnel: Transport, kind: str, proxy: object, message: str
) -> None:
    Transport.objects.create(name="plain")
    assert message in refusal(Transport(name="x", kind=kind, settings={**RELAY, "proxy": proxy}))


def test_a_transport_in_use_as_a_proxy_keeps_its_name_and_kind(relay: Transport, tunnel: Transport) -> None:
    tunnel.name = "other"
    assert refusal(tunnel) == "tunnel is the proxy of relay: give those another way first."
    tunnel.name, tunnel.kind, tunnel.settings = "tunnel", "smtp", RELAY | {"username": "me"}
    assert "tunnel is the proxy of relay" in refusal(tunnel)
    tunnel.refresh_from_db()
    tunnel.settings = {"address": "127.0.0.1:9051"}
    tunnel.set_password("")
    tunnel.save()


def test_a_transport_in_use_as_a_proxy_is_not_deleted(relay: Transport, tunnel: Transport) -> None:
    with pytest.raises(ProtectedError, match="tunnel is the proxy of relay"):
        tunnel.delete()
    relay.delete()
    tunnel.delete()
    assert not Transport.objects.exists()


def test_a_compiled_transport_has_its_proxy_and_sees_it_change(relay: Transport, tunnel: Transport) -> None:
    snapshots = Snapshots()
    proxy = compiled(snapshots.refresh_now().section(Sending)).proxy
    assert proxy is not None
    assert (proxy.port, proxy.username, proxy.password) == (9050, "me", "secret")
    tunnel.settings = {**tunnel.settings, "address": "127.0.0.1:9051", "remote_hostname": "out.example.org"}
    tunnel.save()
    proxy = compiled(snapshots.refresh_now().section(Sending)).proxy
    assert proxy is not None
    assert (proxy.port, proxy.ehlo_name) == (9051, "out.example.org")


def test_mail_waits_while_the_proxy_can_t_be_used(relay: Transport, tunnel: Transport) -> None:
    Transport.objects.filter(pk=tunnel.pk).update(password_sealed=b"\x01" + b"x" * 40)
    transport = compile_sending().transports["relay"]
    assert transport.kind.name == "fail"
    assert transport.unusable == "its proxy tunnel can't be used"
