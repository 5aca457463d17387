"""Logging in by SCRAM at a scripted server that knows it from scramp."""

import base64
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from scramp import ScramException, ScramMechanism
from scramp.core import ScramServer as ScrampServer

from delivery.smtp.client.credentials import Credentials
from delivery.smtp.client.failure import DeliveryFailure, Stage
from delivery.smtp.client.tls import TlsMode, TlsPolicy
from delivery.smtp.client.transcript import Line
from tests.smtp_client.conversation import NO_TLS, greeter, open_and_leave
from tests.world.authority import Authority
from tests.world.smtp_peer import PeerSession, Script, SmtpPeer

PASSWORD = "wörd=,secret"
USERNAME = "me=1,two"
SCRAM = ("SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-1")

Then = Callable[[PeerSession, ScrampServer], None]


def encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def decode(text: str) -> str:
    return base64.b64decode(text).decode()


def scramp(name: str, binding: bytes | None = None) -> ScrampServer:
    mechanism = ScramMechanism(name)
    stored = mechanism.make_auth_info(PASSWORD, iteration_count=4096)
    bound = ("tls-unique", binding) if binding is not None else None
    return mechanism.make_server({USERNAME: stored}.__getitem__, channel_binding=bound)


def begin(peer: PeerSession, server: ScrampServer, name: str) -> None:
    """Up to the client's proof, which must be right."""
    server.set_client_first(decode(peer.expect(f"AUTH {name} ").split()[2]))
    peer.send("334 " + encode(server.get_server_first()))
    server.set_client_final(decode(peer.read_line()))


def welcome(peer: PeerSession, server: ScrampServer) -> None:
    peer.send("334 " + encode(server.get_server_final()))
    assert peer.read_line() == ""
    peer.send("235 welcome")


def offering(*offered: str, then: Script) -> Script:
    def script(peer: PeerSession) -> None:
        peer.send("220 hi")
        peer.expect("EHLO")
        peer.send("250-x", f"250 AUTH {' '.join(offered)}")
        then(peer)
        peer.expect("QUIT")

    return script


def log_in(script: Script, *mechanisms: str, lines: list[Line] | None = None) -> str:
    with SmtpPeer(script) as server:
        how = greeter(tls=NO_TLS, credentials=Credentials(USERNAME, PASSWORD, mechanisms))
        return open_and_leave(server, how, lines).facts.mechanism


def failure_of(then: Then) -> str:
    """Why the login by SCRAM-SHA-256 failed after the client's proof."""

    def server(peer: PeerSession) -> None:
        exchange = scramp("SCRAM-SHA-256")
        begin(peer, exchange, "SCRAM-SHA-256")
        then(peer, exchange)

    with pytest.raises(DeliveryFailure) as raised:
        log_in(offering("SCRAM-SHA-256", then=server))
    assert raised.value.stage is Stage.AUTH
    assert not raised.value.remote
    return str(raised.value)


@pytest.mark.parametrize("name", ["SCRAM-SHA-256", "SCRAM-SHA-1"])
def test_without_tls_the_strongest_mechanism_that_needs_none_is_used(name: str) -> None:
    def server(peer: PeerSession) -> None:
        exchange = scramp(name)
        begin(peer, exchange, name)
        welcome(peer, exchange)

    assert log_in(offering(f"{name}-PLUS", name, "CRAM-MD5", "PLAIN", then=server)) == name


def test_a_server_that_can_t_prove_itself_gets_a_star_and_no_mail() -> None:
    def wrong(peer: PeerSession, exchange: ScrampServer) -> None:
        peer.send("334 " + encode("v=" + base64.b64encode(bytes(32)).decode()))
        assert peer.read_line() == "*"
        peer.send("501 cancelled")

    assert "could not prove" in failure_of(wrong)


def test_success_without_the_server_s_proof_is_a_failure() -> None:
    def early(peer: PeerSession, exchange: ScrampServer) -> None:
        peer.send("235 come in")

    assert "before SCRAM-SHA-256 was finished" in failure_of(early)


def test_a_proof_in_several_lines_is_a_failure() -> None:
    def in_lines(peer: PeerSession, exchange: ScrampServer) -> None:
        final = encode(exchange.get_server_final())
        peer.send(f"334-{final}", f"334 {final}")
        assert peer.read_line() == "*"
        peer.send("501 cancelled")

    assert "several lines" in failure_of(in_lines)


def test_the_reason_is_kept_when_the_server_hangs_up_on_the_star() -> None:
    def server(peer: PeerSession) -> None:
        peer.send("220 hi")
        peer.expect("EHLO")
        peer.send("250-x", "250 AUTH SCRAM-SHA-1")
        begin(peer, scramp("SCRAM-SHA-1"), "SCRAM-SHA-1")
        peer.send("334 " + encode("v=AAAA"))
        assert peer.read_line() == "*"
        peer.send("421 good bye")

    with pytest.raises(DeliveryFailure, match="could not prove"):
        log_in(server)


def test_a_weak_challenge_is_not_answered() -> None:
    def server(peer: PeerSession) -> None:
        first = decode(peer.expect("AUTH SCRAM-SHA-1 ").split()[2])
        nonce = first.partition("r=")[2]
        peer.send("334 " + encode(f"r={nonce}12345678,s={encode('0123456789')},i=1000"))
        assert peer.read_line() == "*"
        peer.send("501 cancelled")

    with pytest.raises(DeliveryFailure, match="1000 iterations"):
        log_in(offering("SCRAM-SHA-1", then=server))


def test_neither_user_name_nor_challenge_nor_proof_is_in_the_transcript() -> None:
    def server(peer: PeerSession) -> None:
        exchange = scramp("SCRAM-SHA-1")
        begin(peer, exchange, "SCRAM-SHA-1")
        welcome(peer, exchange)

    lines: list[Line] = []
    log_in(offering("SCRAM-SHA-1", then=server), lines=lines)
    exchanged = [line.text for line in lines if line.text.startswith(("AUTH", "334"))]
    assert exchanged == ["AUTH SCRAM-SHA-1 ***", "334 ***", "334 ***"]


def over_tls(folder: Path, version: ssl.TLSVersion, offered: str, then: Callable[[PeerSession], None]) -> str:
    """Log in over STARTTLS with all mechanisms allowed; the mechanism used."""
    context = Authority(folder).server("localhost")
    context.maximum_version = version

    def script(peer: PeerSession) -> None:
        peer.send("220 hi")
        peer.expect("EHLO")
        peer.send("250-x", "250 STARTTLS")
        peer.expect("STARTTLS")
        peer.send("220 go ahead")
        peer.start_tls(context)
        peer.expect("EHLO")
        peer.send("250-x", f"250 AUTH {offered}")
        then(peer)
        peer.expect("QUIT")

    with SmtpPeer(script) as server:
        policy = TlsPolicy(TlsMode.REQUIRED, verify=False)
        how = greeter(tls=policy, credentials=Credentials(USERNAME, PASSWORD))
        return open_and_leave(server, how).facts.mechanism


@pytest.mark.parametrize("name", ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS"])
def test_the_standard_library_and_scramp_agree_on_the_binding_of_tls_1_2(tmp_path: Path, name: str) -> None:
    def server(peer: PeerSession) -> None:
        exchange = scramp(name, peer.channel_binding("tls-unique"))
        begin(peer, exchange, name)
        welcome(peer, exchange)

    assert over_tls(tmp_path, ssl.TLSVersion.TLSv1_2, name, server) == name


def test_on_tls_1_3_the_client_names_the_exporter(tmp_path: Path) -> None:
    def server(peer: PeerSession) -> None:
        first = decode(peer.expect("AUTH SCRAM-SHA-256-PLUS ").split()[2])
        assert first.startswith("p=tls-exporter,,")
        peer.send("535 5.7.8 no")

    with pytest.raises(DeliveryFailure, match="535"):
        over_tls(tmp_path, ssl.TLSVersion.TLSv1_3, " ".join(SCRAM), server)


def test_a_server_that_offered_binding_refuses_a_client_that_was_not_told(tmp_path: Path) -> None:
    def server(peer: PeerSession) -> None:
        exchange = scramp("SCRAM-SHA-256", peer.channel_binding("tls-unique"))
        with pytest.raises(ScramException):
            exchange.set_client_first(decode(peer.expect("AUTH SCRAM-SHA-256 ").split()[2]))
        peer.send("535 5.7.8 server does support channel binding")

    with pytest.raises(DeliveryFailure, match="does support channel binding"):
        over_tls(tmp_path, ssl.TLSVersion.TLSv1_2, "SCRAM-SHA-256 SCRAM-SHA-1", server)


def test_the_keys_are_computed_away_from_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    from mail.sasl import scram_keys

    threads: list[threading.Thread] = []
    compute = scram_keys.salted_password

    def noting(*arguments: object) -> bytes:
        threads.append(threading.current_thread())
        return compute(*arguments)  # type: ignore[arg-type]

    def server(peer: PeerSession) -> None:
        exchange = scramp("SCRAM-SHA-1")
        begin(peer, exchange, "SCRAM-SHA-1")
        welcome(peer, exchange)

    monkeypatch.setattr(scram_keys, "salted_password", noting)
    log_in(offering("SCRAM-SHA-1", then=server))
    assert threads
    assert threading.main_thread() not in threads
