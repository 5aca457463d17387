"""What dkimpy signs is verified, and what was changed is not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mail.authentication.results import Result
from tests.authentication.signing import DOMAIN, KEY_NAME, SELECTOR, Signer, rsa_record
from tests.authentication.verifying import verify

MESSAGE = b"From: carol@remote.example\r\nTo: alice@example.org\r\nSubject: hello\r\n\r\nThe  text\r\n\r\n"
FORMS = (b"simple", b"relaxed")
TEXT = st.text(st.sampled_from("ab \t.;:=\u00e9"), max_size=20).map(str.encode)
LINES = st.lists(TEXT | st.just(b""), max_size=8).map(
    lambda lines: b"".join(line + b"\r\n" for line in lines)
)


def only(message: bytes, record: str | None = None, **options: str) -> tuple[Result, str]:
    """Result and reason of the one signature."""
    records = {KEY_NAME: rsa_record() if record is None else record}
    (found,) = verify(message, records, **options)  # type: ignore[arg-type]
    return found.result, found.reason


@settings(max_examples=60)
@given(
    header_form=st.sampled_from(FORMS),
    body_form=st.sampled_from(FORMS),
    subject=TEXT,
    body=LINES,
    length=st.booleans(),
    cuts=st.lists(st.integers(0, 80), max_size=3),
)
def test_whatever_dkimpy_signs_passes(
    header_form: bytes, body_form: bytes, subject: bytes, body: bytes, length: bool, cuts: list[int]
) -> None:
    message = (
        b"From: carol@remote.example\r\nSubject: " + subject + b"x\r\n\tfolded \r\nTo: a@b.example\r\n\r\n"
    )
    signed = Signer(forms=(header_form, body_form), length=length).sign(message + body)
    (found,) = verify(signed, {KEY_NAME: rsa_record()}, cuts=tuple(cuts))
    assert (found.result, found.reason) == (Result.PASS, "")
    assert (found.domain, found.selector, found.algorithm) == (DOMAIN, SELECTOR, "rsa-sha256")


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (b"The  text", b"The  test", "the body was changed"),
        (b"Subject: hello", b"Subject: hallo", "the header was changed"),
        (b"\r\n\r\nThe", b"\r\n\r\nMore\r\nThe", "the body was changed"),
    ],
)
def test_a_changed_message_fails(before: bytes, after: bytes, reason: str) -> None:
    signed = Signer().sign(MESSAGE)
    assert only(signed) == (Result.PASS, "")
    assert only(signed.replace(before, after)) == (Result.FAIL, reason)


def test_a_second_field_above_a_signed_one_is_noticed_only_when_it_was_sealed() -> None:
    forged = b"Subject: forged\r\n"
    assert only(forged + Signer().sign(MESSAGE)) == (Result.PASS, "")
    sealed = Signer(names=[b"From", b"Subject", b"Subject"]).sign(MESSAGE)
    assert only(sealed) == (Result.PASS, "")
    head, _, rest = sealed.partition(b"From: carol")
    assert only(head + forged + b"From: carol" + rest) == (Result.FAIL, "the header was changed")


def test_a_body_that_goes_on_behind_what_is_signed_is_not_accepted() -> None:
    signed = Signer(length=True).sign(MESSAGE)
    assert only(signed) == (Result.PASS, "")
    assert only(signed + b"buy this\r\n") == (Result.POLICY, "the end of the body is not signed")


def test_a_body_that_is_shorter_than_what_was_signed_fails() -> None:
    signed = Signer(length=True).sign(MESSAGE)
    assert only(signed.replace(b"The  text\r\n", b"The\r\n")) == (Result.FAIL, "the body was changed")


@pytest.mark.parametrize(
    ("record", "result", "reason"),
    [
        ("v=DKIM1; p=", Result.PERMERROR, "the key was revoked"),
        ("v=DKIM1; k=rsa", Result.PERMERROR, "the key record has no key"),
        ("v=DKIM2; p=QUJD", Result.PERMERROR, "the key record is of another version"),
        ("v=DKIM1; k=dsa; p=QUJD", Result.PERMERROR, "the key is of an unknown kind"),
        ("v=DKIM1; p=QUJD", Result.PERMERROR, "the key can't be read"),
        ("v=DKIM1; p=!", Result.PERMERROR, "the key can't be read"),
        ("v=DKIM1; s=tlsrpt; p=QUJD", Result.PERMERROR, "the key is not for mail"),
        ("v=DKIM1; h=sha1; p=QUJD", Result.PERMERROR, "the key is not for SHA-256"),
    ],
)
def test_a_key_that_cant_be_used_is_an_error_of_the_domain(record: str, result: Result, reason: str) -> None:
    assert only(Signer().sign(MESSAGE), record) == (result, reason)


def test_a_missing_key_is_an_error_and_a_missing_answer_a_temporary_one() -> None:
    signed = Signer().sign(MESSAGE)
    (missing,) = verify(signed, {})
    (unanswered,) = verify(signed, {}, failing=KEY_NAME)
    assert (missing.result, unanswered.result) == (Result.PERMERROR, Result.TEMPERROR)


def test_a_key_of_1024_bits_is_enough_and_a_shorter_one_is_not() -> None:
    assert only(Signer(bits=1024).sign(MESSAGE), rsa_record(1024)) == (Result.PASS, "")
    assert only(Signer(bits=1024).sign(MESSAGE), SHORT_KEY) == (Result.POLICY, "a key of 512 bits")


SHORT_KEY = (
    "v=DKIM1; p=MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALTPrYT7w41SBvKhK6gUphZR1o99N5bGT4PExGoWNhgA"
    "siEQoLSe+bOPGfNkS3rs2GMjpCyX/Y8+xGyzfckUNI8CAwEAAQ=="
)


def test_failing_with_a_key_for_testing_is_held_against_nobody() -> None:
    signed = Signer().sign(MESSAGE).replace(b"hello", b"hallo")
    assert only(signed, rsa_record(more="t=y; ")) == (Result.NEUTRAL, "the header was changed")
    assert only(Signer().sign(MESSAGE), rsa_record(more="t=y:s; ")) == (Result.PASS, "")


def test_a_header_without_a_body_is_verified() -> None:
    for forms in [(b"simple", b"simple"), (b"relaxed", b"relaxed")]:
        message = b"From: carol@remote.example\r\nSubject: x\r\n\r\n"
        assert only(Signer(forms=forms).sign(message)) == (Result.PASS, "")
