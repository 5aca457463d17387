"""Certificates by the name that a browser asks for, exchanged while connections are open."""

import socket
import ssl
from pathlib import Path

import pytest
from cryptography import x509

from mail.configuration.certificates import store_certificate
from mail.configuration.snapshot import compile_snapshot
from mail.models import Certificate
from mail.tls.certificates import make_certificate, write_certificate
from mail.tls.errors import CertificateError
from tests.edge.serving import running_edge
from tests.world.world import World
from webserver.certificates import EdgeCertificates
from webserver.edge.exchange import Exchange
from webserver.models import CertificateFile, WebHandler

pytestmark = pytest.mark.only_database("sqlite")


def answer(exchange: Exchange) -> None:
    """Says what it is asked for."""
    exchange.respond(200, [], exchange.head.target)


def connect(port: int, name: str | None) -> ssl.SSLSocket:
    """A connection that asks for a name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    plain = socket.create_connection(("127.0.0.1", port), 10)
    return context.wrap_socket(plain, server_hostname=name)


def shown(port: int, name: str | None) -> set[str]:
    """The names of the certificate that a client gets who asks for a name."""
    with connect(port, name) as connection:
        assert connection.selected_alpn_protocol() == "http/1.1"
        data = connection.getpeercert(binary_form=True)
    assert data
    extension = x509.load_der_x509_certificate(data).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    return set(extension.value.get_values_for_type(x509.DNSName))


def is_refused(port: int, name: str) -> bool:
    """Whether the handshake ends with an alert, or, as event loops have it, with the connection."""
    try:
        connect(port, name).close()
    except (ssl.SSLError, ConnectionError):
        return True
    return False


@pytest.fixture
def certificates(tmp_path: Path) -> EdgeCertificates:
    write_certificate(tmp_path / "own.pem", tmp_path / "own.key", ["own.example"])
    return EdgeCertificates(tmp_path / "own.pem", tmp_path / "own.key", "mail.example.org")


def test_each_name_has_its_certificate(world: World, certificates: EdgeCertificates, tmp_path: Path) -> None:
    with running_edge(answer, tls=certificates.tls.listening) as edge:
        assert shown(edge.port, "mail.example.org") == {"own.example"}
        open_before = connect(edge.port, "www.example.org")
        store_certificate(*make_certificate(["*.example.org"]), Certificate.Source.ACME)
        store_certificate(*make_certificate(["mail.example.org"]), Certificate.Source.ACME)
        write_certificate(tmp_path / "www.pem", tmp_path / "www.key", ["www.example.org", "file.example"])
        CertificateFile(
            name="WWW.example.org", cert_file=str(tmp_path / "www.pem"), key_file=str(tmp_path / "www.key")
        ).save()
        certificates.configured(compile_snapshot())
        assert shown(edge.port, "any.example.org") == {"*.example.org"}
        assert shown(edge.port, "WWW.example.org") == {"www.example.org", "file.example"}
        assert shown(edge.port, None) == {"mail.example.org"}
        assert shown(edge.port, "127.0.0.1") == {"mail.example.org"}
        open_before.sendall(b"GET /still-here HTTP/1.1\r\nHost: a\r\n\r\n")
        assert open_before.recv(65536).endswith(b"/still-here")
        open_before.close()
        write_certificate(tmp_path / "www.pem", tmp_path / "www.key", ["renewed.example"])
        certificates.reload_if_changed()
        assert shown(edge.port, "www.example.org") == {"renewed.example"}


def test_names_of_others_are_refused_once_there_is_a_certificate(
    world: World, certificates: EdgeCertificates
) -> None:
    WebHandler(
        domain="site.example",
        path="^/",
        position=1,
        kind="redirect",
        settings={"base_url": "https://example.org"},
    ).save()
    assert world.example_org
    with running_edge(answer, tls=certificates.tls.listening) as edge:
        certificates.configured(compile_snapshot())
        assert shown(edge.port, "elsewhere.example") == {"own.example"}
        store_certificate(*make_certificate(["mail.example.org"]), Certificate.Source.ACME)
        certificates.configured(compile_snapshot())
        for name in ("elsewhere.example", "mail.example.org.elsewhere.example", "mta-sts.elsewhere.example"):
            assert is_refused(edge.port, name)
        for ours in ("site.example", "mta-sts.example.org", "autoconfig.example.org", None):
            assert shown(edge.port, ours) == {"mail.example.org"}


def test_files_of_the_operator_refuse_names_that_they_are_not_for(world: World, tmp_path: Path) -> None:
    write_certificate(tmp_path / "own.pem", tmp_path / "own.key", ["own.example", "*.wild.example"])
    certificates = EdgeCertificates(
        tmp_path / "own.pem", tmp_path / "own.key", "mail.example.org", prefer_files=True
    )
    certificates.configured(compile_snapshot())
    with running_edge(answer, tls=certificates.tls.listening) as edge:
        for ours in ("own.example", "a.wild.example", None):
            assert "own.example" in shown(edge.port, ours)
        assert is_refused(edge.port, "elsewhere.example")


def test_files_that_can_not_be_used_leave_what_there_is(
    world: World, certificates: EdgeCertificates, tmp_path: Path
) -> None:
    CertificateFile(name="*.example.net", cert_file="/nowhere/a", key_file="/nowhere/b").save()
    certificates.configured(compile_snapshot())
    (tmp_path / "own.key").write_text("nonsense")
    certificates.reload()
    with running_edge(answer, tls=certificates.tls.listening) as edge:
        assert shown(edge.port, "a.example.net") == {"own.example"}
    with pytest.raises(CertificateError, match="nowhere"):
        EdgeCertificates(Path("/nowhere/a"), Path("/nowhere/b"), "mail.example.org")
