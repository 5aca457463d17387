"""Which certificates a client accepts."""

import datetime
import ssl
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme
from cryptography import x509

from mail.tls.certificates import make_certificate
from mail.tls.context import ClientContext, ServerContext, client_context, server_context
from mail.tls.engine import TlsEngine
from mail.tls.errors import CertificateError, TlsError
from mail.tls.names import is_for
from tests.tls.engines import connected, exchange


@pytest.mark.parametrize(
    "name", ["mail.example.org", "MAIL.Example.ORG", "mail.example.org.", "127.0.0.1", "::1", "localhost"]
)
def test_a_certificate_of_a_trusted_authority_for_the_name_is_accepted(
    strict: ClientContext, mail_server: ServerContext, name: str
) -> None:
    client, server = connected(strict, mail_server, name)
    assert client.established
    assert server.established
    assert client.verification_error == ""


@pytest.mark.parametrize("name", ["other.example", "example.org", "a.mail.example.org", "127.0.0.2", "::2"])
def test_a_certificate_for_another_name_ends_the_handshake_on_both_sides(
    strict: ClientContext, mail_server: ServerContext, name: str
) -> None:
    client, server = TlsEngine.client(strict, name), TlsEngine.server(mail_server)
    with pytest.raises(TlsError, match=f"certificate is not for {name} but for mail.example.org"):
        exchange(client, server)
    with pytest.raises(TlsError, match="alert"):
        server.receive(client.to_network())


def test_an_unknown_authority_ends_the_handshake(mail_server: ServerContext) -> None:
    nobody = client_context(verify=True, system_pool=False)
    with pytest.raises(TlsError, match="unable to get issuer cert locally"):
        connected(nobody, mail_server)


def test_an_expired_certificate_ends_the_handshake(authority: trustme.CA, strict: ClientContext) -> None:
    past = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    leaf = authority.issue_cert("localhost", not_before=past, not_after=past + datetime.timedelta(days=1))
    expired = server_context(leaf.cert_chain_pems[0].bytes(), leaf.private_key_pem.bytes())
    with pytest.raises(TlsError, match="cert has expired"):
        connected(strict, expired, "localhost")


def test_a_self_made_certificate_is_refused_until_it_is_trusted_itself(tmp_path: Path) -> None:
    certificate, key = make_certificate(["localhost"])
    (tmp_path / "own.pem").write_bytes(certificate)
    with pytest.raises(TlsError, match="self signed"):
        connected(
            client_context(verify=True, system_pool=False), server_context(certificate, key), "localhost"
        )
    trusting = client_context(verify=True, ca_file=tmp_path / "own.pem", system_pool=False)
    client, _ = connected(trusting, server_context(certificate, key), "localhost")
    assert client.established


def test_without_verification_the_fault_is_noted_and_the_handshake_goes_on(
    lenient: ClientContext, mail_server: ServerContext
) -> None:
    client, server = connected(lenient, mail_server, "other.example")
    assert client.established
    assert server.established
    assert client.verification_error.startswith("certificate is not for other.example")


def test_without_verification_a_good_certificate_is_known_to_be_good(
    lenient: ClientContext, mail_server: ServerContext
) -> None:
    client, _ = connected(lenient, mail_server)
    assert client.verification_error == ""


def test_an_internationalised_server_name_is_checked_in_its_ascii_form(
    strict: ClientContext, issued: Callable[..., ServerContext]
) -> None:
    client, server = connected(strict, issued("xn--bcher-kva.example"), "Bücher.example")
    assert client.established
    assert server.server_name == "xn--bcher-kva.example"


def test_what_is_no_host_name_is_refused(strict: ClientContext) -> None:
    with pytest.raises(ValueError, match="not a host name"):
        TlsEngine.client(strict, "ü..example")


def test_an_authority_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(CertificateError, match=r"missing\.pem"):
        client_context(verify=True, ca_file=tmp_path / "missing.pem", system_pool=False)


@pytest.mark.parametrize(
    ("certified", "asked", "matches"),
    [
        ("*.example.org", "mail.example.org", True),
        ("*.example.org", "MAIL.example.org.", True),
        ("*.example.org", "a.mail.example.org", False),
        ("*.example.org", "example.org", False),
        ("*.org", "example.org", False),
        ("m*.example.org", "mail.example.org", False),
        ("mail.*.org", "mail.example.org", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("*.0.0.1", "127.0.0.1", False),
        ("2001:db8::1", "2001:DB8:0::1", True),
    ],
)
def test_wildcards_stand_for_one_whole_label(certified: str, asked: str, matches: bool) -> None:
    certificate = x509.load_pem_x509_certificate(make_certificate([certified])[0])
    assert is_for(certificate, asked) is matches


def test_a_common_name_counts_for_nothing(authority: trustme.CA) -> None:
    leaf = authority.issue_cert("other.example", common_name="mail.example.org")
    certificate = x509.load_pem_x509_certificate(leaf.cert_chain_pems[0].bytes())
    assert not is_for(certificate, "mail.example.org")


def test_tls_below_1_2_is_refused(mail_server: ServerContext, ca_file: Path) -> None:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context(cafile=str(ca_file))
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    peer = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        peer.do_handshake()
    with pytest.raises(TlsError, match="unsupported protocol"):
        TlsEngine.server(mail_server).receive(outgoing.read())
