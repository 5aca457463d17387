import pytest
from django.test import Client

from mail.configuration.dkim import make_keys
from mail.dkim.keys import ALGORITHMS, ED25519
from mail.models import DkimKey, Domain
from tests.admin.filling_in import fill_in
from tests.pages.visiting import page, visit_as
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")


def press(client: Client, domain: Domain, button: str, value: object = "yes") -> int:
    return client.post(f"/admin/mail/domain/{domain.pk}/dkim/", {button: str(value)}).status_code


def test_after_a_new_domain_its_page_offers_to_make_keys(world: World) -> None:
    client = visit_as(world.admin)
    response = fill_in(client, "/admin/mail/domain/add/", name="new.example")
    domain = Domain.objects.get()
    url = f"/admin/mail/domain/{domain.pk}/change/"
    assert response.headers["Location"] == f"{url}#dkim"
    assert "Mail from new.example is not signed." in page(client, url)
    assert press(client, domain, "make") == 302
    assert set(domain.dkim_keys.values_list("algorithm", "state")) == {
        ("rsa-2048", "signing"),
        ("ed25519", "signing"),
    }
    shown = page(client, url)
    for key in domain.dkim_keys.all():
        assert key.dns_name in shown
        assert key.dns_record in shown


def test_a_key_is_retired_activated_and_removed_by_buttons(world: World) -> None:
    client = visit_as(world.admin)
    key, other = make_keys(world.example_org, ALGORITHMS)
    assert press(client, world.example_org, "remove", key.pk) == 404
    for button, state in (("retire", "retired"), ("activate", "signing"), ("retire", "retired")):
        assert press(client, world.example_org, button, key.pk) == 302
        key.refresh_from_db()
        assert key.state == state
    assert press(client, world.example_org, "remove", key.pk) == 302
    assert DkimKey.objects.get().pk == other.pk
    assert "was removed" in page(client, f"/admin/mail/domain/{world.example_org.pk}/change/")


def test_keys_of_other_domains_and_strangers_are_kept_apart(world: World) -> None:
    (key,) = make_keys(world.example_org, [ED25519])
    client = visit_as(world.admin)
    assert press(client, world.b_example, "retire", key.pk) == 404
    assert press(client, world.example_org, "retire", "x") == 404
    assert press(Client(), world.example_org, "make") == 302
    assert DkimKey.objects.get().state == "signing"
    assert client.get(f"/admin/mail/domain/{world.example_org.pk}/dkim/").status_code == 405
