"""SCRAM verifiers."""

import base64
import hashlib
import hmac
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scramp import ScramClient, ScramException, ScramMechanism

from mail.sasl.preparation import UnusablePassword
from mail.sasl.scram_keys import HASHES
from mail.sasl.verifier import (
    DEFAULT_ITERATIONS,
    SALT_LENGTH,
    ScramVerifier,
    decode_verifier,
    make_verifier,
)

SALT = b"0123456789abcdef"


@pytest.mark.parametrize(
    ("hash_name", "salt", "client_nonce", "server_nonce", "proof", "signature"),
    [
        (
            "SHA-1",
            "QSXCR+Q6sek8bf92",
            "fyko+d2lbbFgONRv9qkxdawL",
            "3rfcNHYJY1ZVvWVs7j",
            "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
            "rmF9pqV8S7suAoZWja4dJRkFsKQ=",
        ),
        (
            "SHA-256",
            "W22ZaJ0SNY7soEsUEjb6gQ==",
            "rOprNGfwEbeRWgbNEkqO",
            "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
            "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
            "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
        ),
    ],
    ids=["RFC 5802", "RFC 7677"],
)
def test_the_keys_verify_and_sign_the_exchange_of_the_rfc(
    hash_name: str, salt: str, client_nonce: str, server_nonce: str, proof: str, signature: str
) -> None:
    verifier = make_verifier("pencil", hash_name, base64.b64decode(salt), 4096)
    nonce = client_nonce + server_nonce
    exchange = f"n=user,r={client_nonce},r={nonce},s={salt},i=4096,c=biws,r={nonce}".encode()
    algorithm = HASHES[hash_name]
    mask = hmac.digest(verifier.stored_key, exchange, algorithm)
    client_key = bytes(a ^ b for a, b in zip(base64.b64decode(proof), mask, strict=True))
    assert hashlib.new(algorithm, client_key).digest() == verifier.stored_key
    assert hmac.digest(verifier.server_key, exchange, algorithm) == base64.b64decode(signature)


def log_in(verifier: ScramVerifier, password: str) -> None:
    """A whole exchange of scramp's client with scramp's server, which has our keys."""

    def credentials(_: str) -> tuple[bytes, bytes, bytes, int]:
        return verifier.salt, verifier.stored_key, verifier.server_key, verifier.iterations

    mechanism = f"SCRAM-{verifier.hash_name}"
    server: Any = ScramMechanism(mechanism).make_server(credentials)
    client: Any = ScramClient([mechanism], "alice", password)
    server.set_client_first(client.get_client_first())
    client.set_server_first(server.get_server_first())
    server.set_client_final(client.get_client_final())
    client.set_server_final(server.get_server_final())


@pytest.mark.parametrize("hash_name", HASHES)
@pytest.mark.parametrize("password", ["pencil", "pass word,=", "pässwörd", "密码☺"])
def test_an_independent_client_logs_in_with_our_keys(hash_name: str, password: str) -> None:
    log_in(make_verifier(password, hash_name, SALT, 4096), password)


def test_an_independent_client_with_another_password_is_refused() -> None:
    with pytest.raises(ScramException):
        log_in(make_verifier("pencil", "SHA-256", SALT, 4096), "Pencil")


@settings(max_examples=30, deadline=None)
@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1), st.sampled_from(sorted(HASHES))
)
def test_an_independent_implementation_makes_the_same_keys(password: str, hash_name: str) -> None:
    mechanism: Any = ScramMechanism(f"SCRAM-{hash_name}")
    salt, stored_key, server_key, iterations = mechanism.make_auth_info(
        password, iteration_count=4096, salt=SALT
    )
    assert make_verifier(password, hash_name, SALT, 4096) == ScramVerifier(
        hash_name, salt, iterations, stored_key, server_key
    )


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]), min_size=1), st.text())
def test_only_the_password_matches(password: str, other: str) -> None:
    verifier = make_verifier(password, "SHA-256", SALT, 1)
    assert verifier.matches(password)
    assert not verifier.matches(password + "x")
    assert not verifier.matches(other + "x" + password)


@pytest.mark.parametrize("unusable", ["", "a\x00b", "\udc80", "line\nfeed"])
def test_an_unusable_password_never_matches_and_has_no_verifier(unusable: str) -> None:
    assert not make_verifier("pencil", "SHA-256", SALT, 1).matches(unusable)
    with pytest.raises(UnusablePassword):
        make_verifier(unusable, "SHA-256", SALT, 1)


@pytest.mark.parametrize(
    ("hash_name", "salt", "iterations"),
    [("MD5", SALT, 1), ("sha256", SALT, 1), ("SHA-1", b"", 1), ("SHA-1", SALT, 0)],
)
def test_wrong_parameters_are_refused(hash_name: str, salt: bytes, iterations: int) -> None:
    with pytest.raises(ValueError, match="SCRAM verifier"):
        make_verifier("pencil", hash_name, salt, iterations)


@pytest.mark.parametrize("hash_name", HASHES)
def test_a_verifier_survives_storage(hash_name: str) -> None:
    verifier = make_verifier("pencil", hash_name, SALT, 10)
    assert decode_verifier(verifier.encode()) == verifier


def test_the_stored_form_is_that_of_rfc_5803() -> None:
    verifier = make_verifier("pencil", "SHA-1", base64.b64decode("QSXCR+Q6sek8bf92"), 4096)
    assert verifier.encode() == (
        "SCRAM-SHA-1$4096:QSXCR+Q6sek8bf92$6dlGYMOdZcOPutkcNY8U2g7vK9Y=:D+CSWLOshSulAsxiupA+qs2/fTE="
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "SCRAM-SHA-1",
        "SCRAM-MD5$1:AAAA$AAAA:AAAA",
        "SCRAM-SHA-1$x:AAAA$AAAA:AAAA",
        "SCRAM-SHA-1$1:AAAA$AAAA:AAAA",
        "SCRAM-SHA-1$1:AAAA$A:AAAA",
    ],
)
def test_what_is_no_stored_verifier_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="SCRAM verifier"):
        decode_verifier(text)


def test_keys_do_not_show_in_logs() -> None:
    verifier = make_verifier("pencil", "SHA-256", SALT, 10)
    assert repr(verifier.stored_key) not in repr(verifier)
    assert repr(verifier.server_key) not in repr(verifier)


def test_the_defaults_satisfy_strict_clients() -> None:
    assert DEFAULT_ITERATIONS >= 4096
    assert SALT_LENGTH >= 12
