from collections.abc import Iterator
from ipaddress import ip_address

import pytest
from django.test import Client, override_settings

from mail.configuration.dkim import make_keys
from mail.dkim.keys import ED25519
from moxsite.setup.models import DomainCheck
from tests.pages.visiting import page, visit_as
from tests.world.dns import FakeDns
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")


@pytest.fixture
def dns(world: World) -> Iterator[FakeDns]:
    with FakeDns({"com": {"NS": ["ns.com."]}}) as fake:
        fake.authentic.add("com")
        with override_settings(MOXSITE_RESOLVER=fake.address, MOXSITE_IPS=(ip_address("192.0.2.1"),)):
            yield fake


def test_the_page_shows_the_records_and_what_a_check_found(world: World, dns: FakeDns) -> None:
    (key,) = make_keys(world.example_org, [ED25519])
    client = visit_as(world.admin)
    url = f"/admin/mail/domain/{world.example_org.pk}/dns/"
    shown = page(client, url)
    assert key.dns_name in shown
    assert "example.org. IN MX 10 mail.example.org." in shown
    assert "Not checked yet" in shown
    assert client.post(url).status_code == 302
    shown = page(client, url)
    assert "example.org has no MX record." in shown
    assert DomainCheck.objects.get().errors > 5
    assert "example.org have" in page(client, "/admin/")
    assert url in page(client, "/admin/dns/")
    assert url in page(client, f"/admin/mail/domain/{world.example_org.pk}/change/")


def test_a_pasted_zone_is_checked_and_kept_in_the_form(world: World, dns: FakeDns) -> None:
    client = visit_as(world.admin)
    url = f"/admin/mail/domain/{world.example_org.pk}/dns/"
    shown = client.post(url, {"zone": "@ MX 10 mail.example.org.\n", "whole": "on"}).content.decode()
    assert "With these records there would be" in shown
    assert "mail.example.org has no address" in shown
    assert "@ MX 10 mail.example.org." in shown
    assert not DomainCheck.objects.exists()
    for zone, expected in (("", "Paste the records"), ("@ MX ten\n", "near line"), ("\x00", "can’t be read")):
        response = client.post(url, {"zone": zone})
        assert response.status_code == 200
        assert expected in response.content.decode()


def test_strangers_and_unknown_domains_see_nothing(world: World) -> None:
    assert Client().get(f"/admin/mail/domain/{world.example_org.pk}/dns/").status_code == 302
    assert visit_as(world.admin).get("/admin/mail/domain/99999999999999999999/dns/").status_code == 404
