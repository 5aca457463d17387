"""Self-made certificates, and exchanging the one in use."""

import datetime
import ipaddress
import os
import shutil
import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from mail.tls.certificates import ServerCertificates, make_certificate, write_certificate
from mail.tls.context import ClientContext, server_context
from mail.tls.errors import CertificateError
from tests.tls.engines import connected, exchange


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    certificate_file, key_file = tmp_path / "certificate.pem", tmp_path / "key.pem"
    write_certificate(certificate_file, key_file, ["mail.example.org", "localhost", "127.0.0.1", "::1"])
    return certificate_file, key_file


def shown_serial(client: ClientContext, certificates: ServerCertificates) -> int:
    engine, _ = connected(client, certificates.context, "localhost")
    assert engine.peer_certificate is not None
    return engine.peer_certificate.serial_number


def test_a_self_made_certificate_names_hosts_and_addresses_for_ten_years(files: tuple[Path, Path]) -> None:
    certificate = x509.load_pem_x509_certificate(files[0].read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["mail.example.org", "localhost"]
    assert names.get_values_for_type(x509.IPAddress) == [
        ipaddress.ip_address("127.0.0.1"),
        ipaddress.ip_address("::1"),
    ]
    validity = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    assert datetime.timedelta(days=3650) < validity < datetime.timedelta(days=3660)
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert key.curve.name == "secp256r1"


def test_certificate_and_key_are_readable_by_the_owner_only(files: tuple[Path, Path]) -> None:
    for path in files:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(os.listdir(files[0].parent)) == ["certificate.pem", "key.pem"]


def test_a_name_longer_than_a_common_name_may_be_is_still_certified() -> None:
    long_name = "a" * 60 + ".example.org"
    certificate = x509.load_pem_x509_certificate(make_certificate([long_name])[0])
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == [long_name]


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(descriptor: int) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(OSError, match="disk full"):
        write_certificate(tmp_path / "certificate.pem", tmp_path / "key.pem", ["localhost"])
    assert os.listdir(tmp_path) == []


def test_new_files_are_used_by_new_connections_while_old_ones_go_on(
    files: tuple[Path, Path], lenient: ClientContext
) -> None:
    certificates = ServerCertificates.load(*files)
    client, server = connected(lenient, certificates.context, "localhost")
    before = shown_serial(lenient, certificates)
    assert certificates.reload_if_changed() is False
    write_certificate(*files, ["localhost"])
    assert certificates.reload_if_changed() is True
    assert shown_serial(lenient, certificates) != before
    client.send(b"NOOP\r\n")
    assert exchange(client, server)[1] == b"NOOP\r\n"


def test_a_pair_that_does_not_match_is_not_taken(
    files: tuple[Path, Path], tmp_path: Path, lenient: ClientContext, caplog: pytest.LogCaptureFixture
) -> None:
    certificates = ServerCertificates.load(*files)
    before = shown_serial(lenient, certificates)
    write_certificate(tmp_path / "other.pem", tmp_path / "other-key.pem", ["localhost"])
    shutil.copy(tmp_path / "other.pem", files[0])
    assert certificates.reload_if_changed() is False
    assert shown_serial(lenient, certificates) == before
    assert [record.message for record in caplog.records] == ["certificate not reloaded"]
    assert certificates.reload_if_changed() is False
    assert len(caplog.records) == 1
    shutil.copy(tmp_path / "other-key.pem", files[1])
    assert certificates.reload_if_changed() is True


def test_a_file_that_is_missing_for_a_moment_changes_nothing(
    files: tuple[Path, Path], lenient: ClientContext
) -> None:
    certificates = ServerCertificates.load(*files)
    before = shown_serial(lenient, certificates)
    files[1].unlink()
    assert certificates.reload_if_changed() is False
    assert shown_serial(lenient, certificates) == before


def test_files_that_cannot_be_used_are_named(files: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(CertificateError, match=r"absent\.pem"):
        ServerCertificates.load(tmp_path / "absent.pem", files[1])
    (tmp_path / "empty.pem").write_bytes(b"")
    with pytest.raises(CertificateError, match=r"empty\.pem.*no certificate"):
        ServerCertificates.load(tmp_path / "empty.pem", files[1])
    with pytest.raises(CertificateError, match="no unencrypted private key"):
        ServerCertificates.load(files[0], tmp_path / "empty.pem")


def test_another_server_name_may_get_another_certificate(lenient: ClientContext) -> None:
    second = server_context(*make_certificate(["mail.b.example"]))
    context = server_context(*make_certificate(["mail.example.org"]), choose={"mail.b.example": second}.get)
    for name in ("mail.example.org", "mail.b.example"):
        client, _ = connected(lenient, context, name)
        assert "is not for" not in client.verification_error
    client, _ = connected(lenient, context, "mail.other.example")
    assert client.peer_certificate is not None
    assert is_default(client.peer_certificate)


def is_default(certificate: x509.Certificate) -> bool:
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return names.get_values_for_type(x509.DNSName) == ["mail.example.org"]
