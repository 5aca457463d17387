from collections.abc import Iterator
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.test import override_settings

from delivery.models import Transport
from mail.configuration.certificates import store_certificate
from mail.models import Certificate
from mail.tls.certificates import make_certificate
from moxsite.setup.knowing import facts_of
from moxsite.setup.needs.facts import Host, Proxy, Relay
from moxsite.setup.public_ips import public_ips
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")


def key_hash(certificate_pem: bytes) -> str:
    key = x509.load_pem_x509_certificate(certificate_pem).public_key()
    return sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()


@pytest.fixture
def self_made(tmp_path: Path) -> Iterator[bytes]:
    certificate, _ = make_certificate(["mail.example.org"])
    path = tmp_path / "certificate.pem"
    path.write_bytes(certificate)
    with override_settings(TLS_CERTIFICATE=path):
        yield certificate


def test_the_key_is_that_of_the_certificate_shown_for_the_host_name(world: World, self_made: bytes) -> None:
    assert facts_of(world.example_org).host.key_hashes == (key_hash(self_made),)
    other, key = make_certificate(["www.example.org"])
    store_certificate(other, key, Certificate.Source.OPERATOR)
    assert facts_of(world.example_org).host.key_hashes == (key_hash(self_made),)
    wildcard, key = make_certificate(["*.example.org"])
    store_certificate(wildcard, key, Certificate.Source.OPERATOR)
    assert facts_of(world.example_org).host.key_hashes == (key_hash(wildcard),)
    with override_settings(TLS_CERTIFICATE=Path("/nowhere")):
        Certificate.objects.all().delete()
        assert facts_of(world.example_org).host.key_hashes == ()


def test_transports_are_known_whether_routes_lead_to_them_or_not(world: World) -> None:
    settings = {
        "address": "127.0.0.1:9050",
        "remote_ips": ["192.0.2.7"],
        "remote_hostname": "out.example.org",
    }
    Transport(name="tunnel", kind="socks", settings=settings).save()
    Transport(
        name="relay", kind="submission", settings={"host": "smtp.relay.example", "proxy": "tunnel"}
    ).save()
    Transport(name="refuse", kind="fail", settings={"smtp_code": 550, "smtp_message": "no"}).save()
    with override_settings(
        MOXSITE_PUBLIC_IPS=(ip_address("198.51.100.1"),),
        MOXSITE_MX_HOSTS=(("mx2.example.org", "198.51.100.2"),),
    ):
        facts = facts_of(world.example_org)
    assert facts.proxies == (Proxy("tunnel", ("192.0.2.7",), "out.example.org"),)
    assert facts.relays == (Relay("relay", ("smtp.relay.example",)),)
    assert facts.hosts[1] == Host("mx2.example.org", ("198.51.100.2",))
    assert facts.sending_ips == ("198.51.100.1", "198.51.100.2", "192.0.2.7")


def test_private_addresses_are_not_taken_for_public_ones() -> None:
    private = [ip_address(text) for text in ("10.1.2.3", "192.168.1.1", "fd00::1", "127.0.0.1", "::1")]
    assert public_ips((), private) == ()
    assert public_ips((), [*private, ip_address("198.51.100.1")]) == ("198.51.100.1",)
    assert public_ips([ip_address("198.51.100.9")], private) == ("198.51.100.9",)
