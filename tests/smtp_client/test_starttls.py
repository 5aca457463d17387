"""TLS as the policy demands it, and nothing believed that was said before it."""

import asyncio
import ssl
from dataclasses import replace
from pathlib import Path

import pytest

from delivery.smtp.client.failure import DeliveryFailure, Stage
from delivery.smtp.client.session import Session, open_session
from delivery.smtp.client.tls import TlsMode, TlsPolicy, Trust, load_trust
from tests.smtp_client.conversation import SHORT, connected, greeter, open_and_leave, send
from tests.world.authority import Authority
from tests.world.smtp_peer import Ordinary, PeerSession, Script, SmtpPeer

HOST = "mx.remote.example"
IMMEDIATE = TlsPolicy(TlsMode.IMMEDIATE, verify=True)
REQUIRED = TlsPolicy(TlsMode.REQUIRED, verify=True)
UNVERIFIED = TlsPolicy(TlsMode.REQUIRED, verify=False)
OPPORTUNISTIC = TlsPolicy(TlsMode.OPPORTUNISTIC, verify=False)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def trust(authority: Authority) -> Trust:
    return load_trust(authority.ca_file)


@pytest.fixture(scope="module")
def certificate(authority: Authority) -> ssl.SSLContext:
    return authority.server(HOST)


def session_with(
    script: Script, policy: TlsPolicy, trust: Trust | None, *, tls: ssl.SSLContext | None = None
) -> Session:
    with SmtpPeer(script, tls=tls) as server:
        return open_and_leave(server, greeter(tls=policy, trust=trust))


@pytest.mark.parametrize("policy", [REQUIRED, UNVERIFIED, OPPORTUNISTIC])
def test_starttls_encrypts_and_the_facts_say_so(
    certificate: ssl.SSLContext, trust: Trust, policy: TlsPolicy
) -> None:
    session = session_with(Ordinary(tls=certificate), policy, trust)
    assert session.facts.tls is not None
    assert session.facts.tls.verified
    assert session.facts.tls.version == "TLSv1.3"
    assert session.facts.tls.cipher


def test_immediate_tls_encrypts_before_the_greeting(certificate: ssl.SSLContext, trust: Trust) -> None:
    session = session_with(Ordinary(), IMMEDIATE, trust, tls=certificate)
    assert session.facts.tls is not None
    assert session.facts.tls.verified


def test_a_message_arrives_over_tls(certificate: ssl.SSLContext, trust: Trust) -> None:
    with SmtpPeer(Ordinary(tls=certificate)) as server:
        result = send(server, how=greeter(tls=REQUIRED, trust=trust))
    assert [recipient.outcome for recipient in result.recipients] == ["delivered"]
    assert len(server.messages) == 1


@pytest.mark.parametrize("policy", [REQUIRED, IMMEDIATE])
def test_an_untrusted_certificate_ends_a_verified_session(
    certificate: ssl.SSLContext, policy: TlsPolicy
) -> None:
    tls = certificate if policy is IMMEDIATE else None
    with pytest.raises(DeliveryFailure) as raised:
        session_with(Ordinary(tls=None if tls else certificate), policy, None, tls=tls)
    assert (raised.value.stage, raised.value.temporary) == (Stage.TLS, True)


def test_a_certificate_for_another_name_ends_a_verified_session(authority: Authority, trust: Trust) -> None:
    with pytest.raises(DeliveryFailure, match=r"not for mx\.remote\.example"):
        session_with(Ordinary(tls=authority.server("other.example")), REQUIRED, trust)


@pytest.mark.parametrize("policy", [UNVERIFIED, OPPORTUNISTIC])
def test_an_untrusted_certificate_is_noted_where_nobody_demands_trust(
    certificate: ssl.SSLContext, policy: TlsPolicy
) -> None:
    session = session_with(Ordinary(tls=certificate), policy, None)
    assert session.facts.tls is not None
    assert not session.facts.tls.verified


def test_required_starttls_is_sent_although_not_announced(trust: Trust) -> None:
    with (
        SmtpPeer(Ordinary(starttls="502 5.5.1 no TLS here")) as server,
        pytest.raises(DeliveryFailure) as raised,
    ):
        open_and_leave(server, greeter(tls=REQUIRED, trust=trust))
    assert (raised.value.stage, raised.value.remote) == (Stage.STARTTLS, True)
    assert raised.value.public.code == 502
    assert server.lines[1] == "STARTTLS"


def test_opportunistic_tls_goes_on_in_clear_text_where_none_is_announced() -> None:
    assert session_with(Ordinary(), OPPORTUNISTIC, None).facts.tls is None


def test_opportunistic_tls_that_is_refused_is_a_failure_for_the_caller_to_judge(
    certificate: ssl.SSLContext,
) -> None:
    with pytest.raises(DeliveryFailure) as raised:
        session_with(Ordinary(tls=certificate, starttls="454 4.7.0 not now"), OPPORTUNISTIC, None)
    assert raised.value.stage is Stage.STARTTLS


def test_no_tls_is_used_where_none_is_wanted(certificate: ssl.SSLContext) -> None:
    policy = TlsPolicy(TlsMode.NONE, verify=False)
    assert session_with(Ordinary(tls=certificate), policy, None).facts.tls is None


def test_keywords_of_the_clear_text_are_forgotten(certificate: ssl.SSLContext, trust: Trust) -> None:
    def script(peer: PeerSession) -> None:
        peer.send("220 hi")
        peer.expect("EHLO")
        peer.send("250-x", "250-STARTTLS", "250-PIPELINING", "250 AUTH PLAIN")
        peer.expect("STARTTLS")
        peer.send("220 ready")
        peer.start_tls(certificate)
        peer.expect("EHLO")
        peer.send("250-x", "250 SIZE 10")
        peer.expect("QUIT")

    session = session_with(script, REQUIRED, trust)
    assert session.extensions.keywords == {"SIZE"}
    assert session.extensions.auth == ()


def test_helo_is_no_way_out_after_starttls(certificate: ssl.SSLContext, trust: Trust) -> None:
    def script(peer: PeerSession) -> None:
        peer.send("220 hi")
        peer.expect("EHLO")
        peer.send("250-x", "250 STARTTLS")
        peer.expect("STARTTLS")
        peer.send("220 ready")
        peer.start_tls(certificate)
        peer.expect("EHLO")
        peer.send("502 no")
        peer.expect("QUIT")

    with pytest.raises(DeliveryFailure) as raised:
        session_with(script, REQUIRED, trust)
    assert raised.value.stage is Stage.EHLO


def test_text_injected_behind_the_answer_to_starttls_is_never_a_reply(
    certificate: ssl.SSLContext, trust: Trust
) -> None:
    def script(peer: PeerSession) -> None:
        peer.send("220 hi")
        peer.expect("EHLO")
        peer.send("250-x", "250 STARTTLS")
        peer.expect("STARTTLS")
        peer.send("220 ready", "250 AUTH PLAIN")
        peer.start_tls(certificate)

    with pytest.raises(DeliveryFailure) as raised:
        session_with(script, REQUIRED, trust)
    assert raised.value.stage is Stage.TLS


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_old_tls_is_refused(certificate: ssl.SSLContext, authority: Authority, trust: Trust) -> None:
    old = authority.server(HOST)
    old.minimum_version = ssl.TLSVersion.TLSv1
    old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("DEFAULT:@SECLEVEL=0")
    with pytest.raises(DeliveryFailure) as raised:
        session_with(Ordinary(tls=old), UNVERIFIED, trust)
    assert raised.value.stage is Stage.TLS


def test_a_server_that_never_finishes_the_handshake_is_given_up(trust: Trust) -> None:
    def script(peer: PeerSession) -> None:
        peer.wait_for_close()

    with SmtpPeer(script) as server, pytest.raises(DeliveryFailure, match="does not finish"):
        open_and_leave(server, greeter(tls=IMMEDIATE, trust=trust, timeouts=replace(SHORT, handshake=0.1)))


def test_a_server_that_closes_during_the_handshake_is_a_tls_failure(trust: Trust) -> None:
    with pytest.raises(DeliveryFailure) as raised:
        session_with(lambda peer: peer.close(), IMMEDIATE, trust)
    assert raised.value.stage is Stage.TLS


def test_the_name_asked_for_is_the_host_not_the_address(
    authority: Authority, trust: Trust, tmp_path: Path
) -> None:
    context = authority.server(HOST)
    asked: list[str | None] = []
    context.sni_callback = lambda _object, name, _context: asked.append(name)

    async def main(server: SmtpPeer) -> None:
        connection = await connected(server)
        await open_session(connection, HOST, server.ip, server.port, greeter(tls=IMMEDIATE, trust=trust))
        connection.close()

    with SmtpPeer(Ordinary(), tls=context) as server:
        asyncio.run(main(server))
    assert asked == [HOST]
