"""What the check sees of real servers."""

import asyncio
import ssl
from pathlib import Path

import pytest

from delivery.mtasts.fetch import PolicyFetcher
from delivery.smtp.client.tls import load_trust
from moxsite.setup.dnscheck.checking import ServerProblem
from moxsite.setup.dnscheck.servers import RealServers
from moxsite.setup.knowing import public_key_hashes
from tests.world.authority import Authority
from tests.world.policy_host import PolicyHost, page
from tests.world.smtp_peer import Ordinary, SmtpPeer

pytestmark = pytest.mark.long

HOST = "mail.example.org"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def servers(authority: Authority, smtp_port: int = 1, https_port: int = 1) -> RealServers:
    trust = ssl.create_default_context(cafile=str(authority.ca_file))
    fetcher = PolicyFetcher(authority.ca_file, port=https_port)
    return RealServers(HOST, load_trust(authority.ca_file), trust, fetcher, smtp_port, https_port)


def test_a_mail_server_with_a_valid_certificate_is_no_problem(authority: Authority) -> None:
    with SmtpPeer(Ordinary(tls=authority.server(HOST))) as peer:
        asyncio.run(servers(authority, peer.port).smtp_tls(HOST, "127.0.0.1"))
        assert peer.sessions


def test_what_is_wrong_with_a_mail_server_is_said(authority: Authority, tmp_path: Path) -> None:
    def problem(peer: SmtpPeer, trusting: Authority = authority) -> str:
        with pytest.raises(ServerProblem) as told:
            asyncio.run(servers(trusting, peer.port).smtp_tls(HOST, "127.0.0.1"))
        return str(told.value)

    with SmtpPeer(Ordinary(tls=authority.server("other.example.org"))) as peer:
        assert "mail.example.org" in problem(peer)
    with SmtpPeer(Ordinary()) as peer:
        assert problem(peer)
    (tmp_path / "other").mkdir()
    with SmtpPeer(Ordinary(tls=authority.server(HOST))) as peer:
        assert problem(peer, Authority(tmp_path / "other"))
    assert problem(peer), "it is closed now"


def test_the_key_of_a_mail_server_is_seen_whoever_vouches_for_it(
    authority: Authority, tmp_path: Path
) -> None:
    certificate, key = authority.files("other.example.org")
    shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shown.load_cert_chain(certificate, key)
    (tmp_path / "stranger").mkdir()
    stranger = Authority(tmp_path / "stranger")
    with SmtpPeer(Ordinary(tls=shown)) as peer:
        seen = asyncio.run(servers(stranger, peer.port).smtp_key(HOST, "127.0.0.1"))
    assert (seen,) == public_key_hashes(certificate.read_bytes())
    with pytest.raises(ServerProblem):
        asyncio.run(servers(stranger, peer.port).smtp_key(HOST, "127.0.0.1"))


def test_a_web_server_needs_a_certificate_for_the_name(authority: Authority) -> None:
    policy = "version: STSv1\nmode: enforce\nmx: mail.example.org\nmax_age: 604800\n"
    with PolicyHost(authority.server("mta-sts.example.org"), page(policy)) as host:
        real = servers(authority, https_port=host.port)
        asyncio.run(real.https("mta-sts.example.org", "127.0.0.1"))
        assert asyncio.run(real.policy("example.org", ("127.0.0.1",))) == policy
        with pytest.raises(ServerProblem, match="certificate"):
            asyncio.run(real.https("autoconfig.example.org", "127.0.0.1"))
        with pytest.raises(ServerProblem):
            asyncio.run(real.policy("example.net", ("127.0.0.1",)))
    with pytest.raises(ServerProblem, match=f"port {host.port}"):
        asyncio.run(real.https("mta-sts.example.org", "127.0.0.1"))
