"""What a signature has to be before anybody looks for its key."""

import pytest

from mail import clock
from mail.authentication.dkim.acceptance import refusal
from mail.authentication.dkim.signature import Signature, SignatureSyntaxError, read_signature
from mail.authentication.dkim.verification import MOST_SIGNATURES
from mail.authentication.results import Result
from tests.authentication.signing import KEY_NAME, Signer, rsa_record
from tests.authentication.verifying import verify

GOOD = {
    "v": "1",
    "a": "rsa-sha256",
    "d": "remote.example",
    "s": "s1",
    "h": "from:to",
    "bh": "QUJD",
    "b": "QUJD",
}
MESSAGE = b"From: carol@remote.example\r\nSubject: hello\r\n\r\ntext\r\n"


def field(**changes: str | None) -> bytes:
    """A signature's field with some tags changed, or None left out."""
    tags = {**GOOD, **changes}
    text = "; ".join(f"{name}={value}" for name, value in tags.items() if value is not None)
    return f"DKIM-Signature: {text}\r\n".encode()


def read(**changes: str | None) -> Signature:
    """The signature."""
    return read_signature(field(**changes))


def test_defaults_of_what_is_left_out() -> None:
    signature = read()
    assert (signature.header_form, signature.body_form) == ("simple", "simple")
    assert (signature.length, signature.signed, signature.expires) == (None, None, None)
    assert signature.identity_domain == signature.domain == "remote.example"
    assert read(c="relaxed").body_form == "simple"


@pytest.mark.parametrize("name", sorted(GOOD))
def test_a_signature_without_a_needed_tag_is_none(name: str) -> None:
    with pytest.raises(SignatureSyntaxError):
        read(**{name: None})


@pytest.mark.parametrize(
    "changes",
    [
        {"v": "2"},
        {"c": "nofws/simple"},
        {"h": "to:subject"},
        {"i": "carol@other.example"},
        {"i": "carol@notremote.example"},
        {"l": "-1"},
        {"t": "now"},
        {"x": "5", "t": "6"},
        {"b": "not base64"},
        {"bh": "\u00e4"},
        {"d": "remote..example"},
        {"d": "localhost"},
        {"s": "a b/c"},
        {"d": "x" * 64 + ".example"},
    ],
)
def test_a_signature_with_nonsense_in_it_is_none(changes: dict[str, str]) -> None:
    with pytest.raises(SignatureSyntaxError):
        read(**changes)


def test_a_tag_that_stands_twice_makes_a_signature_unreadable() -> None:
    with pytest.raises(SignatureSyntaxError, match="twice"):
        read_signature(field().replace(b"\r\n", b"; d=other.example\r\n"))


def test_names_and_values_may_be_folded_and_in_capitals() -> None:
    signature = read(d="Remote.EXAMPLE", h="From :\r\n\t To", b="QU\r\n\tJD", i="carol@eu.Remote.example")
    assert signature.domain == "remote.example"
    assert signature.names == (b"from", b"to")
    assert signature.value == b"ABC"
    assert signature.identity_domain == "eu.remote.example"


NOW = clock.now()


def seconds(moment: clock.Moment) -> str:
    return str(moment // clock.SECOND)


@pytest.mark.parametrize(
    ("changes", "result"),
    [
        ({}, None),
        ({"a": "ed25519-sha256"}, None),
        ({"a": "rsa-sha1"}, Result.POLICY),
        ({"a": "rsa-md5"}, Result.NEUTRAL),
        ({"x": seconds(NOW - clock.MINUTE)}, None),
        ({"x": seconds(NOW - 10 * clock.MINUTE)}, Result.FAIL),
        ({"x": seconds(NOW + clock.HOUR)}, None),
        ({"t": seconds(NOW + clock.HOUR)}, None),
        ({"t": seconds(NOW + 2 * clock.DAY)}, Result.POLICY),
    ],
)
def test_what_is_not_looked_at_any_further(changes: dict[str, str], result: Result | None) -> None:
    refused = refusal(read(**changes), NOW)
    assert (refused.result if refused else None) == result


def test_a_key_for_one_domain_only_does_not_sign_for_its_subdomains() -> None:
    signed = Signer().sign(MESSAGE)
    strict = {KEY_NAME: rsa_record(more="t=s; ")}
    assert verify(signed, strict)[0].result is Result.PASS
    below = signed.replace(b"i=@remote.example", b"i=@eu.remote.example")
    assert below != signed
    assert verify(below, strict)[0].reason == "the key is not for subdomains"


def test_more_signatures_than_are_verified_begin_with_those_of_the_author() -> None:
    signed = MESSAGE
    for number in range(MOST_SIGNATURES + 1):
        signed = Signer(domain="remote.example" if not number else f"list{number}.example").sign(signed)
    results = verify(signed, {KEY_NAME: rsa_record()}, preferred="remote.example")
    assert len(results) == MOST_SIGNATURES + 1
    assert (results[0].domain, results[0].result) == ("remote.example", Result.PASS)
    assert [one.result for one in results].count(Result.POLICY) == 1


def test_thousands_of_signatures_cost_one_result() -> None:
    results = verify(field(s="x") * 3000 + MESSAGE, {})
    assert [one.reason for one in results if "too many" in one.reason] == ["3000 signatures are too many"]
    assert len(results) <= 21


def test_a_signature_that_cant_be_read_is_neutral_and_does_not_hide_a_good_one() -> None:
    signed = b"DKIM-Signature: v=1; nonsense\r\n" + Signer().sign(MESSAGE)
    assert [one.result for one in verify(signed, {KEY_NAME: rsa_record()})] == [Result.PASS, Result.NEUTRAL]


def test_an_ed25519_signature_with_an_rsa_key_is_an_error() -> None:
    signed = Signer().sign(MESSAGE).replace(b"a=rsa-sha256", b"a=ed25519-sha256")
    assert verify(signed, {KEY_NAME: rsa_record()})[0].result is Result.PERMERROR
