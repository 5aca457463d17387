"""Sealing secrets for the database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.secrets import Seal, SealBroken

SEAL = Seal(b"s" * 32)


@given(st.binary(max_size=300), st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_a_sealed_value_opens_in_its_context(plain: bytes, context: str) -> None:
    assert SEAL.open(SEAL.seal(plain, context), context) == plain


def test_text_is_sealed_as_utf8() -> None:
    assert SEAL.open(SEAL.seal("pässword", "relay"), "relay") == "pässword".encode()


def test_a_sealed_value_does_not_open_in_another_context() -> None:
    sealed = SEAL.seal("password", "transport 1 password")
    with pytest.raises(SealBroken, match="transport 2 password"):
        SEAL.open(sealed, "transport 2 password")


def test_a_sealed_value_does_not_open_with_another_secret() -> None:
    with pytest.raises(SealBroken):
        Seal(b"t" * 32).open(SEAL.seal("password", "relay"), "relay")


def test_any_changed_byte_breaks_the_seal() -> None:
    sealed = SEAL.seal("password", "relay")
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(SealBroken):
            SEAL.open(bytes(changed), "relay")


@given(st.binary(max_size=60))
def test_what_was_never_sealed_does_not_open(junk: bytes) -> None:
    with pytest.raises(SealBroken):
        SEAL.open(junk, "relay")
    with pytest.raises(SealBroken):
        SEAL.open(b"\x01" + junk, "relay")


def test_sealing_twice_shows_no_equality() -> None:
    assert SEAL.seal("password", "relay") != SEAL.seal("password", "relay")


def test_the_sealed_form_does_not_contain_the_plain_one() -> None:
    assert b"password" not in SEAL.seal("password", "relay")
