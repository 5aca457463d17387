"""Our SCRAM with scramp's, which somebody else wrote, on the other side."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scramp import ScramClient as ScrampClient
from scramp import ScramException, ScramMechanism

from mail.sasl.binding import ChannelBinding
from mail.sasl.exchange import SaltQuestion
from mail.sasl.mechanism import SaslError
from mail.sasl.scram_client import ScramClient
from mail.sasl.scram_messages import NAMES, hash_of, is_plus
from mail.sasl.scram_server import ScramClaim, ScramServer
from mail.sasl.verifier import make_verifier

# scramp does not know tls-exporter.
BINDING = ChannelBinding("tls-unique", b"finished")
SALT = b"0123456789abcdef"
PLAIN_ASCII = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1)
# Where SASLprep, which scramp follows, and OpaqueString agree.
LETTERS = st.text("abcäöüßéñжЯ中文 =,%~", min_size=1)
WORDS = PLAIN_ASCII | LETTERS


def scramp_binding(name: str) -> tuple[str, bytes] | None:
    return (BINDING.kind, BINDING.data) if is_plus(name) else None


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=8)
@given(WORDS, WORDS)
def test_our_client_logs_in_at_scramp(name: str, username: str, password: str) -> None:
    mechanism = ScramMechanism(name)
    stored = mechanism.make_auth_info(password, iteration_count=4096)
    server = mechanism.make_server({username: stored}.__getitem__, channel_binding=scramp_binding(name))
    client = ScramClient(name, username, password, binding=BINDING)
    server.set_client_first(client.initial().decode())
    server.set_client_final(client.step(server.get_server_first().encode()).decode())
    client.step(server.get_server_final().encode())
    assert client.finished


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=8)
@given(WORDS, WORDS)
def test_scramp_logs_in_at_our_server(name: str, username: str, password: str) -> None:
    client = ScrampClient([name], username, password, channel_binding=scramp_binding(name))
    server = ScramServer(name, BINDING)
    question = server.step(client.get_client_first().encode())
    assert isinstance(question, SaltQuestion)
    assert question.username == username
    client.set_server_first(question.answer(SALT, 4096).decode())
    claim = server.step(client.get_client_final().encode())
    assert isinstance(claim, ScramClaim)
    verifier = make_verifier(password, hash_of(name), SALT, 4096)
    assert claim.matches(verifier.stored_key)
    client.set_server_final(claim.answer(verifier.server_key).decode())


def test_scramp_knows_a_wrong_password_of_ours() -> None:
    mechanism = ScramMechanism("SCRAM-SHA-256")
    stored = mechanism.make_auth_info("right")
    server = mechanism.make_server({"alice": stored}.__getitem__)
    client = ScramClient("SCRAM-SHA-256", "alice", "wrong")
    server.set_client_first(client.initial().decode())
    answer = client.step(server.get_server_first().encode()).decode()
    with pytest.raises(ScramException):
        server.set_client_final(answer)
    with pytest.raises(SaslError, match="refuses the login: invalid-proof"):
        client.step(server.get_server_final().encode())


def test_scramp_refuses_us_when_somebody_took_its_offer_of_binding_away() -> None:
    mechanism = ScramMechanism("SCRAM-SHA-256")
    stored = mechanism.make_auth_info("right")
    binding = (BINDING.kind, BINDING.data)
    server = mechanism.make_server({"alice": stored}.__getitem__, channel_binding=binding)
    client = ScramClient("SCRAM-SHA-256", "alice", "right", binding_missed=True)
    with pytest.raises(ScramException):
        server.set_client_first(client.initial().decode())
