"""CRAM-MD5."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.errors import MailError
from mail.sasl import md5_state
from mail.sasl.cram_md5 import (
    CramMd5Claim,
    CramMd5Client,
    CramMd5Server,
    decode_cram_md5_verifier,
    make_cram_md5_verifier,
)
from mail.sasl.mechanism import Mechanism, SaslError
from mail.sasl.preparation import UnusablePassword

CHALLENGE = b"<1896.697170952@postoffice.reston.mci.net>"
DIGEST = "b913a602c7eda7a495b4e6e7334d3890"


def test_the_example_of_rfc_2195_is_accepted() -> None:
    assert make_cram_md5_verifier("tanstaaftanstaaf").matches(CHALLENGE, DIGEST)


def test_the_client_answers_like_the_example_of_rfc_2195() -> None:
    client: Mechanism = CramMd5Client("tim", "tanstaaftanstaaf")
    assert client.initial() is None
    assert not client.finished
    assert client.step(CHALLENGE) == f"tim {DIGEST}".encode()
    assert client.finished


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cn"]), min_size=1, max_size=150),
    st.binary(max_size=200),
)
def test_a_stored_verifier_accepts_what_hmac_md5_gives(password: str, challenge: bytes) -> None:
    verifier = make_cram_md5_verifier(password)
    _, _, digest = CramMd5Client("alice", password).step(challenge).rpartition(b" ")
    assert decode_cram_md5_verifier(verifier.encode()).matches(challenge, digest.decode())
    assert not verifier.matches(challenge + b"x", digest.decode())


@given(st.binary(min_size=64, max_size=64), st.binary(max_size=200))
def test_md5_continued_from_a_state_is_md5(block: bytes, rest: bytes) -> None:
    state = md5_state.state_after(block)
    assert md5_state.finish(state, rest) == hashlib.md5(block + rest).digest()


def test_a_password_that_hmac_would_shorten_is_not_stored_as_it_is() -> None:
    password = "p" * 200
    assert make_cram_md5_verifier(password).matches(
        CHALLENGE, hmac.new(password.encode(), CHALLENGE, "md5").hexdigest()
    )


def test_the_stored_form_does_not_contain_the_password() -> None:
    verifier = make_cram_md5_verifier("tanstaaf")
    assert b"tanstaaf" not in verifier.encode()
    assert len(verifier.encode()) == 32
    assert repr(verifier) == "CramMd5Verifier()"


@pytest.mark.parametrize("data", [b"", b"x" * 31, b"x" * 33])
def test_what_is_no_stored_verifier_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="CRAM-MD5 verifier"):
        decode_cram_md5_verifier(data)


def test_an_unusable_password_has_no_verifier() -> None:
    with pytest.raises(UnusablePassword):
        make_cram_md5_verifier("")


@pytest.mark.parametrize("digest", ["", "0" * 32, DIGEST.upper(), "ü" * 32])
def test_another_digest_does_not_match(digest: str) -> None:
    assert not make_cram_md5_verifier("tanstaaftanstaaf").matches(CHALLENGE, digest)


def test_server_and_client_agree() -> None:
    server, client = CramMd5Server("mail.example.org"), CramMd5Client("alice@example.org", "pässword")
    challenge = server.step(None)
    assert isinstance(challenge, bytes)
    claim = server.step(client.step(challenge))
    assert isinstance(claim, CramMd5Claim)
    assert claim.username == "alice@example.org"
    assert make_cram_md5_verifier("pässword").matches(claim.challenge, claim.digest)
    assert not make_cram_md5_verifier("password").matches(claim.challenge, claim.digest)
    assert claim.digest not in repr(claim)


def test_each_challenge_is_new_and_has_the_form_of_a_message_id() -> None:
    first, second = CramMd5Server("mail.example.org").step(None), CramMd5Server("mail.example.org").step(None)
    assert isinstance(first, bytes)
    assert first != second
    assert first.startswith(b"<")
    assert first.endswith(b"@mail.example.org>")


def test_a_user_name_may_contain_spaces_and_the_digest_upper_case() -> None:
    server = CramMd5Server("mail.example.org")
    server.step(None)
    claim = server.step(b"Alice A " + DIGEST.upper().encode())
    assert isinstance(claim, CramMd5Claim)
    assert (claim.username, claim.digest) == ("Alice A", DIGEST)


@pytest.mark.parametrize(
    "response", [b"", b"alice", b"alice 123", b" " + DIGEST.encode(), b"\xff " + DIGEST.encode()]
)
def test_a_malformed_response_is_refused_with_501(response: bytes) -> None:
    server = CramMd5Server("mail.example.org")
    server.step(None)
    with pytest.raises(MailError) as raised:
        server.step(response)
    assert raised.value.public.code == 501


def test_an_initial_response_is_refused_with_501() -> None:
    with pytest.raises(MailError) as raised:
        CramMd5Server("mail.example.org").step(b"alice")
    assert raised.value.public.code == 501


def test_the_client_stops_when_the_server_sends_a_second_challenge() -> None:
    client = CramMd5Client("alice", "password")
    client.step(CHALLENGE)
    with pytest.raises(SaslError):
        client.step(CHALLENGE)
