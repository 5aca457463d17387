"""Certificates that the operator uploads or names, on the admin's page."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from mail import clock
from mail.configuration.certificates import StoredCertificates
from mail.configuration.snapshot import compile_snapshot
from mail.models import Certificate
from mail.tls.certificates import make_certificate, write_certificate
from tests.pages.visiting import page, visit_as
from tests.world.world import World
from webserver.configuration.certificate_files import CertificateFiles
from webserver.models import CertificateFile

pytestmark = pytest.mark.only_database("sqlite")

URL = "/admin/certificates/"


@pytest.fixture
def admin(world: World) -> Client:
    assert world.admin
    return visit_as(world.admin)


def upload(admin: Client, chain: bytes, key: bytes | None) -> str:
    """What the page says."""
    values = {"action": "upload", "upload-chain": SimpleUploadedFile("chain.pem", chain)}
    if key is not None:
        values["upload-key"] = SimpleUploadedFile("key.pem", key)
    return admin.post(URL, values, follow=True).content.decode()


def name_files(admin: Client, name: str, cert_file: Path | str, key_file: Path | str) -> str:
    """What the page says."""
    values = {"files-name": name, "files-cert_file": str(cert_file), "files-key_file": str(key_file)}
    return admin.post(URL, {"action": "files", **values}, follow=True).content.decode()


def test_an_uploaded_certificate_is_in_force_until_it_is_removed(admin: Client) -> None:
    chain, key = make_certificate(["www.example.org", "*.example.net"])
    assert "The certificate for www.example.org, *.example.net is stored" in upload(admin, chain, key)
    stored = compile_snapshot().section(StoredCertificates).by_name
    assert stored["*.example.net"].private_key == key
    assert "given by the operator" in page(admin, URL)
    assert "is stored" in upload(admin, *make_certificate(["www.example.org", "*.example.net"]))
    row = Certificate.objects.get()
    assert (
        "is no longer used" in admin.post(URL, {"action": f"remove {row.pk}"}, follow=True).content.decode()
    )
    assert not Certificate.objects.exists()
    assert admin.post(URL, {"action": f"remove {row.pk}"}).status_code == 302


def test_key_and_certificate_may_be_one_file_and_the_key_is_sealed_all_the_same(admin: Client) -> None:
    chain, key = make_certificate(["www.example.org"])
    assert "is stored" in upload(admin, key + chain, None)
    assert "PRIVATE" not in Certificate.objects.get().chain


def test_what_can_not_be_used_is_refused_with_the_reason(admin: Client) -> None:
    chain, key = make_certificate(["www.example.org"])
    _, other = make_certificate(["www.example.org"])
    assert "does not belong to the certificate" in upload(admin, chain, other)
    assert "No certificate in PEM form" in upload(admin, b"nonsense", key)
    assert "is larger than 256 KiB" in upload(admin, bytes(300_000), key)
    assert "required" in admin.post(URL, {"action": "upload"}).content.decode()
    clock.advance(-4000 * clock.DAY)
    expired = make_certificate(["www.example.org"])
    clock.advance(4000 * clock.DAY)
    assert "The certificate expired on 20" in upload(admin, *expired)
    assert not Certificate.objects.exists()


def test_named_files_are_used_at_once(admin: Client, tmp_path: Path) -> None:
    cert, key = tmp_path / "a.pem", tmp_path / "a.key"
    write_certificate(cert, key, ["*.example.org"])
    assert "is stored. Every process follows within a second." in name_files(
        admin, "WWW.example.org", cert, key
    )
    files = compile_snapshot().section(CertificateFiles).by_name
    assert files == {"www.example.org": (cert, key)}
    shown = page(admin, URL)
    assert str(cert) in shown
    assert "valid" in shown
    key.unlink()
    cert.unlink()
    shown = page(admin, URL)
    assert "unreadable" in shown
    assert "No such file" in shown
    row = CertificateFile.objects.get()
    admin.post(URL, {"action": f"remove-files {row.pk}"})
    assert not CertificateFile.objects.exists()


def test_files_that_can_not_be_used_are_refused_beside_their_field(admin: Client, tmp_path: Path) -> None:
    cert, key = tmp_path / "a.pem", tmp_path / "a.key"
    write_certificate(cert, key, ["*.example.org"])
    assert "Browsers would refuse it" in name_files(admin, "example.org", cert, key)
    assert "Browsers would refuse it" in name_files(admin, "a.b.example.org", cert, key)
    assert "must be a full path" in name_files(admin, "www.example.org", "a.pem", key)
    assert "It can’t be read: No such file" in name_files(admin, "www.example.org", cert, tmp_path / "none")
    assert "It can’t be read: Is a directory" in name_files(admin, "www.example.org", tmp_path, key)
    assert "No certificate in PEM form" in name_files(admin, "www.example.org", key, key)
    assert "files-name" in name_files(admin, "no host", cert, key)
    assert not CertificateFile.objects.exists()
