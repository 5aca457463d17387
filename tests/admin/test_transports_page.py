import pytest

from delivery.models import Transport
from delivery.transports.kinds import KINDS
from moxsite.admin.transport_fields import KIND_FORMS
from tests.admin.filling_in import errors_of, fill_in
from tests.pages.visiting import page, visit_as
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")

TRANSPORTS = "/admin/delivery/transport/"


def test_every_kind_has_a_form_with_its_settings() -> None:
    assert set(KIND_FORMS) == set(KINDS)
    for name, form in KIND_FORMS.items():
        problems = KINDS[name].validate(dict.fromkeys(form.fields))
        assert not [problem for problem in problems if "not a setting" in problem.message], name
        assert form.has_password == ("password" in KINDS[name].secrets)


def test_the_kind_is_chosen_before_anything_is_typed(world: World) -> None:
    client = visit_as(world.admin)
    choice = page(client, f"{TRANSPORTS}add/")
    assert all(f"?kind={name}" in choice for name in KINDS)
    form = page(client, f"{TRANSPORTS}add/?kind=fail")
    assert 'name="smtp_code"' in form
    assert 'name="host"' not in form


def add_relay(world: World, **typed: str) -> Transport:
    given = {"name": "relay", "host": "smtp.relay.example", "username": "me", "password": "s3cret word"}
    response = fill_in(visit_as(world.admin), f"{TRANSPORTS}add/?kind=submission", **given, **typed)
    assert response.status_code == 302, errors_of(response)
    return Transport.objects.get(name="relay")


def test_a_relay_is_added_with_its_password_sealed(world: World) -> None:
    relay = add_relay(world, port="2587", mechanisms="CRAM-MD5 PLAIN", tls_skip_verify="on")
    assert relay.kind == "submission"
    assert relay.settings == {
        "host": "smtp.relay.example",
        "port": 2587,
        "username": "me",
        "mechanisms": ["CRAM-MD5", "PLAIN"],
        "tls_skip_verify": True,
    }
    assert relay.password == "s3cret word"
    assert b"s3cret" not in bytes(relay.password_sealed)
    text = page(visit_as(world.admin), f"{TRANSPORTS}{relay.pk}/change/")
    assert "s3cret" not in text
    assert "There is one; empty keeps it." in text


def test_saving_again_changes_nothing(world: World) -> None:
    relay = add_relay(world, hosts="", port="2587", tls_skip_verify="on")
    before = (relay.settings, relay.kind)
    assert fill_in(visit_as(world.admin), f"{TRANSPORTS}{relay.pk}/change/").status_code == 302
    relay.refresh_from_db()
    assert (relay.settings, relay.kind) == before
    assert relay.password == "s3cret word"


def test_the_password_can_be_removed(world: World) -> None:
    relay = add_relay(world)
    assert (
        fill_in(visit_as(world.admin), f"{TRANSPORTS}{relay.pk}/change/", remove_password="on").status_code
        == 302
    )
    assert Transport.objects.get(pk=relay.pk).password == ""


@pytest.mark.parametrize(
    ("kind", "typed", "error"),
    [
        ("submission", {}, "Host is needed."),
        ("submission", {"host": "a.example", "hosts": "b.example"}, "Hosts and host can't be used together."),
        (
            "submission",
            {"host": "a.example", "mechanisms": "MAGIC"},
            "Login methods 'MAGIC' is no known mechanism",
        ),
        ("smtp", {"host": "a.example", "port": "70000"}, "less than or equal to 65535"),
        ("fail", {"smtp_code": "250"}, "greater than or equal to 400"),
        ("fail", {"smtp_message": "nö"}, "Reply text must be plain ASCII."),
    ],
)
def test_wrong_settings_are_refused_beside_their_field(
    world: World, kind: str, typed: dict[str, str], error: str
) -> None:
    response = fill_in(visit_as(world.admin), f"{TRANSPORTS}add/?kind={kind}", name="x", **typed)
    assert response.status_code == 200
    assert any(error in shown for shown in errors_of(response)), errors_of(response)
    assert not Transport.objects.exists()


def test_direct_delivery_needs_one_of_the_address_families(world: World) -> None:
    client = visit_as(world.admin)
    url = f"{TRANSPORTS}add/"
    response = client.post(f"{url}?kind=direct", {"name": "x", "kind": "direct"})
    assert errors_of(response) == ["IPv6 one of IPv4 and IPv6 must be used."]
    assert client.post(f"{url}?kind=direct", {"name": "x", "kind": "direct", "ipv4": "on"}).status_code == 302
    assert Transport.objects.get().settings == {"ipv6": False}


def test_the_kind_is_changed_on_the_form_of_the_other_kind(world: World) -> None:
    relay = add_relay(world)
    response = fill_in(visit_as(world.admin), f"{TRANSPORTS}{relay.pk}/change/?kind=fail", smtp_code="550")
    assert response.status_code == 302, errors_of(response)
    relay = Transport.objects.get(pk=relay.pk)
    assert (relay.kind, relay.settings, relay.password) == ("fail", {"smtp_code": 550}, "")


def add_tunnel() -> Transport:
    return Transport.objects.create(name="tunnel", kind="socks", settings={"address": "127.0.0.1:9050"})


def test_a_proxy_is_added_with_all_that_belongs_to_it(world: World) -> None:
    response = fill_in(
        visit_as(world.admin),
        f"{TRANSPORTS}add/?kind=socks",
        name="tunnel",
        address="[::1]:1080",
        username="me",
        password="s3cret",
        remote_ips="192.0.2.7 2001:db8::7",
        remote_hostname="out.example.org",
        max_connections="5",
    )
    assert response.status_code == 302, errors_of(response)
    tunnel = Transport.objects.get(name="tunnel")
    assert tunnel.settings == {
        "address": "[::1]:1080",
        "username": "me",
        "remote_ips": ["192.0.2.7", "2001:db8::7"],
        "remote_hostname": "out.example.org",
        "max_connections": 5,
    }
    assert tunnel.password == "s3cret"
    text = page(visit_as(world.admin), f"{TRANSPORTS}{tunnel.pk}/change/")
    assert "SPF: the record of each sender domain allows the addresses outside" in text
    assert "through [::1]:1080" in page(visit_as(world.admin), TRANSPORTS)


def test_a_relay_gets_weighted_hosts_and_a_proxy_from_the_list(world: World) -> None:
    add_tunnel()
    typed = {"hosts": "a.example weight 3, b.example:26 weight 1", "proxy": "tunnel"}
    client = visit_as(world.admin)
    response = fill_in(client, f"{TRANSPORTS}add/?kind=smtp", name="relay", **typed)
    assert response.status_code == 302, errors_of(response)
    relay = Transport.objects.get(name="relay")
    wanted = {
        "hosts": [{"host": "a.example", "weight": 3}, {"host": "b.example:26", "weight": 1}],
        "proxy": "tunnel",
    }
    assert relay.settings == wanted
    assert fill_in(client, f"{TRANSPORTS}{relay.pk}/change/").status_code == 302
    relay.refresh_from_db()
    assert relay.settings == wanted
    assert "a.example weight 3, b.example:26 weight 1, through tunnel" in page(client, TRANSPORTS)


@pytest.mark.parametrize(
    ("hosts", "error"),
    [
        ("a.example weight 3, b.example", "Hosts need a weight each, or none has one."),
        ("a.example weight much", "Hosts a weight is a whole number from 1 to 1000."),
        ("a.example weight", "Hosts a weight is a whole number from 1 to 1000."),
    ],
)
def test_wrong_weights_are_refused(world: World, hosts: str, error: str) -> None:
    response = fill_in(visit_as(world.admin), f"{TRANSPORTS}add/?kind=smtp", name="relay", hosts=hosts)
    assert error in errors_of(response)


def test_a_proxy_in_use_is_neither_renamed_nor_changed_nor_deleted(world: World) -> None:
    tunnel = add_tunnel()
    Transport.objects.create(name="relay", kind="smtp", settings={"host": "a.example", "proxy": "tunnel"})
    client = visit_as(world.admin)
    url = f"{TRANSPORTS}{tunnel.pk}/"
    reason = "tunnel is the proxy of relay: give those another way first."
    assert reason in errors_of(fill_in(client, f"{url}change/", name="other"))
    assert reason in errors_of(fill_in(client, f"{url}change/?kind=fail"))
    assert reason in page(client, f"{url}delete/")
    client.post(f"{url}delete/", {"post": "yes"})
    assert Transport.objects.count() == 2


def test_a_proxy_and_what_is_behind_it_are_deleted_together(world: World) -> None:
    tunnel = add_tunnel()
    relay = Transport.objects.create(
        name="zrelay", kind="smtp", settings={"host": "a.example", "proxy": "tunnel"}
    )
    client = visit_as(world.admin)
    chosen = {"action": "delete_selected", "_selected_action": [str(tunnel.pk), str(relay.pk)]}
    client.post(TRANSPORTS, {**chosen, "post": "yes"})
    assert not Transport.objects.exists()


def test_a_transport_in_use_is_not_deleted(world: World) -> None:
    relay = add_relay(world)
    relay.routes.create(position=1)
    client = visit_as(world.admin)
    assert "can’t be deleted" in page(client, f"{TRANSPORTS}{relay.pk}/delete/")
