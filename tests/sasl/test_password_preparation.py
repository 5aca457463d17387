"""Preparing passwords."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.sasl.preparation import UnusablePassword, prepare_or_raw, prepare_password


@pytest.mark.parametrize(
    ("password", "prepared"),
    [
        ("correct horse", "correct horse"),
        ("  spaces stay  ", "  spaces stay  "),
        ("pa\u0308ss", "päss"),
        ("\u3000a\u00a0b", " a b"),
        ("Ⅳ ﬁ Ａ", "Ⅳ ﬁ Ａ"),
        ("Case", "Case"),
        ("👩\u200d🚀", "👩\u200d🚀"),
    ],
)
def test_equal_characters_become_equal_bytes(password: str, prepared: str) -> None:
    assert prepare_password(password) == prepared.encode()
    assert prepare_or_raw(password) == prepared.encode()


@pytest.mark.parametrize(
    ("password", "raw"),
    [("", b""), ("a\tb", b"a\tb"), ("a\u0085", b"a\xc2\x85"), ("a\uffff", b"a\xef\xbf\xbf")],
)
def test_an_unusable_password_can_be_sent_but_not_stored(password: str, raw: bytes) -> None:
    with pytest.raises(UnusablePassword):
        prepare_password(password)
    assert prepare_or_raw(password) == raw


def test_the_refusal_does_not_show_the_password() -> None:
    with pytest.raises(UnusablePassword) as raised:
        prepare_password("hunter2\x00")
    assert "hunter2" not in str(raised.value)


@given(st.text(max_size=40))
def test_preparing_twice_changes_nothing(password: str) -> None:
    try:
        prepared = prepare_password(password)
    except UnusablePassword:
        return
    assert prepare_password(prepared.decode()) == prepared
