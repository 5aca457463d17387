import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.mime.authserv import claims_authserv_id


@pytest.mark.parametrize(
    "value",
    [
        b"mx.example.org; dkim=pass",
        b"MX.Example.ORG 1; none",
        b"mx.example.org",
        b"mx.example.org.;spf=pass",
        b'"mx.example.org"; none',
        rb'"mx\.example.org"; none',
        b" (a (nested) \\) comment)\tmx.example.org(1); none",
    ],
)
def test_a_field_in_our_name_is_recognised(value: bytes) -> None:
    assert claims_authserv_id(value, "mx.example.org")


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"; none",
        b"mx.remote.example; x=mx.example.org",
        b"(mx.example.org) other; none",
        b"mx.example.org.evil; none",
    ],
)
def test_a_field_of_somebody_else_is_not(value: bytes) -> None:
    assert not claims_authserv_id(value, "mx.example.org")


@given(st.binary())
def test_any_bytes_give_an_answer(value: bytes) -> None:
    claims_authserv_id(value, "mx.example.org")
