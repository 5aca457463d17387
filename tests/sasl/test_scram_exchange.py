"""SCRAM: the examples of the RFCs, and our client with our server."""

import base64
import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mail.sasl.binding import ChannelBinding
from mail.sasl.exchange import SaltQuestion
from mail.sasl.mechanism import SaslError
from mail.sasl.preparation import UnusablePassword
from mail.sasl.scram_client import FEWEST_ITERATIONS, ScramClient
from mail.sasl.scram_messages import NAMES, hash_of
from mail.sasl.scram_server import ScramClaim, ScramServer
from mail.sasl.verifier import make_verifier
from tests.sasl.exchanging import run_exchange

BINDING = ChannelBinding("tls-exporter", b"the same on both sides")
SALT = b"0123456789abcdef"

RFC_5802 = (
    "SCRAM-SHA-1",
    "fyko+d2lbbFgONRv9qkxdawL",
    "3rfcNHYJY1ZVvWVs7j",
    "QSXCR+Q6sek8bf92",
    "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
    "rmF9pqV8S7suAoZWja4dJRkFsKQ=",
)
RFC_7677 = (
    "SCRAM-SHA-256",
    "rOprNGfwEbeRWgbNEkqO",
    "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
    "W22ZaJ0SNY7soEsUEjb6gQ==",
    "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
    "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
)
EXAMPLES = pytest.mark.parametrize(
    ("name", "client_nonce", "server_nonce", "salt", "proof", "signature"),
    [RFC_5802, RFC_7677],
    ids=["RFC 5802", "RFC 7677"],
)


@EXAMPLES
def test_the_client_says_what_the_rfc_says(
    name: str, client_nonce: str, server_nonce: str, salt: str, proof: str, signature: str
) -> None:
    client = ScramClient(name, "user", "pencil", nonce=client_nonce)
    assert client.initial() == f"n,,n=user,r={client_nonce}".encode()
    nonce = client_nonce + server_nonce
    assert client.step(f"r={nonce},s={salt},i=4096".encode()) == f"c=biws,r={nonce},p={proof}".encode()
    assert not client.finished
    assert client.step(f"v={signature}".encode()) == b""
    assert client.finished


@EXAMPLES
def test_the_server_says_what_the_rfc_says(
    name: str, client_nonce: str, server_nonce: str, salt: str, proof: str, signature: str
) -> None:
    server = ScramServer(name, None, nonce=server_nonce)
    assert server.step(None) == b""
    question = server.step(f"n,,n=user,r={client_nonce}".encode())
    assert isinstance(question, SaltQuestion)
    assert (question.username, question.hash_name) == ("user", hash_of(name))
    nonce, raw_salt = client_nonce + server_nonce, base64.b64decode(salt)
    assert question.answer(raw_salt, 4096) == f"r={nonce},s={salt},i=4096".encode()
    claim = server.step(f"c=biws,r={nonce},p={proof}".encode())
    assert isinstance(claim, ScramClaim)
    verifier = make_verifier("pencil", hash_of(name), raw_salt, 4096)
    assert claim.matches(verifier.stored_key)
    assert claim.answer(verifier.server_key) == f"v={signature}".encode()
    assert "pencil" not in repr(claim)
    assert proof not in repr(claim)


@settings(max_examples=60)
@given(st.sampled_from(NAMES), st.text(min_size=1), st.text(min_size=1))
def test_every_user_name_and_password_arrives(name: str, username: str, password: str) -> None:
    try:
        verifier = make_verifier(password, hash_of(name), SALT, FEWEST_ITERATIONS)
        client = ScramClient(name, username, password, binding=BINDING)
    except (UnusablePassword, SaslError):
        assume(False)
    claim = run_exchange(client, ScramServer(name, BINDING), verifier)
    assert claim.username == unicodedata.normalize("NFC", username)
    assert claim.matches(verifier.stored_key)
    client.step(claim.answer(verifier.server_key))
    assert client.finished


@pytest.mark.parametrize("name", NAMES)
def test_another_password_does_not_match(name: str) -> None:
    verifier = make_verifier("password", hash_of(name), SALT, FEWEST_ITERATIONS)
    client = ScramClient(name, "alice", "Password", binding=BINDING)
    claim = run_exchange(client, ScramServer(name, BINDING), verifier)
    assert not claim.matches(verifier.stored_key)
    with pytest.raises(SaslError, match="could not prove"):
        client.step(claim.answer(verifier.server_key))


@given(st.binary(max_size=40))
def test_a_made_up_proof_does_not_match(proof: bytes) -> None:
    claim = ScramClaim("alice", "SHA-256", SALT, 4096, b"message", proof)
    assert not claim.matches(bytes(32))
    assert not claim.matches(b"")


def test_two_exchanges_have_different_nonces() -> None:
    first, second = (ScramClient("SCRAM-SHA-256", "alice", "x").initial() for _ in range(2))
    assert first != second
    verifier = make_verifier("x", "SHA-256", SALT, FEWEST_ITERATIONS)
    questions = [ScramServer("SCRAM-SHA-256", None).step(first) for _ in range(2)]
    challenges = {
        question.answer(verifier.salt, verifier.iterations)
        for question in questions
        if isinstance(question, SaltQuestion)
    }
    assert len(challenges) == 2
