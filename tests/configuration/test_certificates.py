"""Certificates in the database, as ACME and operators put them there."""

import pytest

from mail import clock
from mail.configuration.certificates import StoredCertificates, store_certificate
from mail.configuration.snapshot import compile_snapshot
from mail.models import Certificate
from mail.tls.certificates import make_certificate
from mail.tls.errors import CertificateError
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")


def test_a_stored_certificate_is_in_snapshots_under_each_of_its_names(world: World) -> None:
    chain, key = make_certificate(["www.example.org", "*.example.org"])
    store_certificate(chain, key, Certificate.Source.ACME)
    found = compile_snapshot().section(StoredCertificates).by_name
    assert set(found) == {"www.example.org", "*.example.org"}
    assert (found["*.example.org"].chain, found["*.example.org"].private_key) == (chain, key)


def test_its_private_key_is_sealed(world: World) -> None:
    chain, key = make_certificate(["www.example.org"])
    stored = Certificate.objects.get(pk=store_certificate(chain, key, Certificate.Source.ACME).pk)
    assert stored.private_key == key
    assert b"PRIVATE" not in bytes(stored.private_key_sealed)


def test_a_newer_one_replaces_that_of_the_same_names_and_source(world: World) -> None:
    store_certificate(*make_certificate(["a.example", "b.example"]), Certificate.Source.ACME)
    kept = store_certificate(*make_certificate(["a.example"]), Certificate.Source.OPERATOR)
    clock.advance(clock.DAY)
    newer = store_certificate(*make_certificate(["b.example", "a.example"]), Certificate.Source.ACME)
    assert set(Certificate.objects.values_list("pk", flat=True)) == {kept.pk, newer.pk}
    by_name = compile_snapshot().section(StoredCertificates).by_name
    assert by_name["a.example"].not_after == newer.not_after  # the one that is valid longest


def test_a_key_of_another_certificate_is_refused(world: World) -> None:
    chain, _ = make_certificate(["a.example"])
    _, key = make_certificate(["a.example"])
    with pytest.raises(CertificateError, match="does not belong"):
        store_certificate(chain, key, Certificate.Source.ACME)
    with pytest.raises(CertificateError, match="names no host"):
        store_certificate(*make_certificate(["192.0.2.1"]), Certificate.Source.ACME)
    assert not Certificate.objects.exists()


def test_one_that_can_not_be_opened_is_left_out(world: World) -> None:
    store_certificate(*make_certificate(["a.example"]), Certificate.Source.ACME)
    store_certificate(*make_certificate(["b.example"]), Certificate.Source.ACME)
    Certificate.objects.filter(names=["a.example"]).update(private_key_sealed=b"broken")
    assert set(compile_snapshot().section(StoredCertificates).by_name) == {"b.example"}
