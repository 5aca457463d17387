"""Which localpart of a domain another one stands for."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.addresses.localpart import canonical_localpart


@pytest.mark.parametrize(
    ("localpart", "separators", "expected"),
    [
        ("alice", [], "alice"),
        ("Alice", [], "alice"),
        ("alice+test", ["+"], "alice"),
        ("ALICE+Test+More", ["+"], "alice"),
        ("alice+test", [], "alice+test"),
        ("a-b", ["+", "-"], "a"),
        ("a-b+c", ["+", "-"], "a"),
        ("a+b-c", ["+", "-"], "a"),
        ("+x", ["+"], ""),
        ("alice--list-x", ["--"], "alice"),
        ("alice-list--x", ["--", "-"], "alice"),
        ("BJÖRN+x", ["+"], "björn"),
        ("postmaster+x", ["+"], "postmaster"),
        ("", ["+"], ""),
    ],
)
def test_case_and_what_follows_a_separator_do_not_count(
    localpart: str, separators: list[str], expected: str
) -> None:
    assert canonical_localpart(localpart, separators=separators, case_sensitive=False) == expected


@pytest.mark.parametrize(
    ("localpart", "expected"),
    [
        ("Alice+x", "Alice"),
        ("POSTMASTER", "postmaster"),
        ("PostMaster+x", "postmaster"),
        ("Postman", "Postman"),
    ],
)
def test_a_case_sensitive_domain_keeps_case_except_for_postmaster(localpart: str, expected: str) -> None:
    assert canonical_localpart(localpart, separators=["+"], case_sensitive=True) == expected


@given(
    st.text(max_size=30).map(lambda text: unicodedata.normalize("NFC", text)),
    st.lists(st.sampled_from(["+", "-", "--", "=", "ü"]), unique=True),
    st.booleans(),
)
def test_the_canonical_form_is_its_own_canonical_form(
    localpart: str, separators: list[str], case_sensitive: bool
) -> None:
    once = canonical_localpart(localpart, separators=separators, case_sensitive=case_sensitive)
    assert canonical_localpart(once, separators=separators, case_sensitive=case_sensitive) == once
    assert unicodedata.is_normalized("NFC", once)
    assert not any(separator in once for separator in separators)
