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


def test_a_transport_in_use_is_not_deleted(world: World) -> None:
    relay = add_relay(world)
    relay.routes.create(position=1)
    client = visit_as(world.admin)
    assert "can’t be deleted" in page(client, f"{TRANSPORTS}{relay.pk}/delete/")
