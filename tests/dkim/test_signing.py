"""Signatures cover what readers see, and three verifiers of other origin find them good."""

import re
import shutil
from pathlib import Path

import pytest

from delivery.reception.removals import submission_removals
from mail import clock
from mail.dkim import selection
from mail.dkim.keys import ALGORITHMS, ED25519, RSA
from tests.dkim.signed import records, sign
from tests.dkim.verifiers import VERIFIERS, by_dkimpy, knows_ed25519, signatures_of

HEADER = (
    b"From: Alice <alice@example.org>\r\n"
    b"To: Bob <bob@remote.example>,\r\n\tCarol\r\n <carol@remote.example>\r\n"
    b"SUBJECT :  Lunch \t on\r\n Tuesday  \r\n"
    b"Date: Tue, 01 Jul 2025 12:00:00 +0000\r\n"
    b"Message-ID: <1@example.org>\r\n"
    b"X-Note: not signed\r\n"
).replace(b"SUBJECT :", b"SUBJECT:")
BODY = b"Is it  \t Tuesday? \r\n\r\n\xc3\x84h \xff\r\n.\r\n\r\n\r\n"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("verifier", VERIFIERS)
def test_others_find_the_signature_good(verifier: str, algorithm: str, tmp_path: Path) -> None:
    if algorithm == ED25519 and not knows_ed25519(verifier):
        pytest.skip(f"{verifier} does not know Ed25519 here")
    raw = sign(HEADER, BODY, algorithm)
    verify = VERIFIERS[verifier]
    assert verify(raw, records(algorithm), tmp_path) == [True]
    assert verify(
        raw.replace(b"it  \t Tu", b"it Tu").replace(b"\r\n\r\n\r\n", b"\r\n"), records(algorithm), tmp_path
    )
    for changed in (raw.replace(b"Tuesday?", b"Monday?"), b"Cc: mallory@other.example\r\n" + raw):
        assert verify(changed, records(algorithm), tmp_path) == [False]


def test_each_key_gives_a_signature_of_its_own() -> None:
    raw = sign(HEADER, BODY, *ALGORITHMS, moment=clock.Moment(1_751_371_200_999_999))
    rsa, ed25519 = (re.sub(rb"\s+", b" ", field) for field in signatures_of(raw))
    assert rsa.startswith(
        b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.org; s=rsa-2048; "
    )
    assert b" a=ed25519-sha256; " in ed25519
    assert b" s=ed25519; " in ed25519
    for field in (rsa, ed25519):
        assert b" t=1751371200; " in field
        assert b" l=" not in field
    assert all(len(line) <= 78 for field in signatures_of(raw) for line in field.split(b"\r\n"))


def test_what_readers_see_is_named_once_more_than_it_is_there() -> None:
    (field,) = signatures_of(sign(HEADER + b"Cc: a@x.example\r\ncc: b@x.example\r\n", BODY, RSA))
    named = re.sub(rb"\s+", b"", field).partition(b";h=")[2].partition(b";")[0].split(b":")
    assert [named.count(name) for name in (b"from", b"subject", b"cc", b"reply-to")] == [2, 2, 3, 1]
    assert b"sender" not in named
    assert b"list-id" not in named
    assert b"x-note" not in named


@pytest.mark.parametrize(
    "added",
    [b"From", b"To", b"Subject", b"Date", b"Reply-To", b"Content-Type", b"MIME-Version", b"In-Reply-To"],
)
def test_a_field_that_somebody_adds_breaks_the_signature(added: bytes, tmp_path: Path) -> None:
    raw = sign(HEADER, BODY, RSA)
    assert by_dkimpy(added + b": x\r\n" + raw, records(RSA), tmp_path) == [False]
    assert by_dkimpy(raw.replace(b"X-Note", added + b": x\r\nX-Note"), records(RSA), tmp_path) == [False]


def test_a_mailing_list_may_add_its_own_fields_and_change_none(tmp_path: Path) -> None:
    raw = sign(HEADER, BODY, RSA)
    fields = b"Sender: list@lists.example\r\nList-Id: <list.lists.example>\r\nReceived: from x\r\n"
    assert by_dkimpy(fields + raw, records(RSA), tmp_path) == [True]
    own = sign(HEADER + b"List-Id: <list.example.org>\r\n", BODY, RSA)
    assert by_dkimpy(own, records(RSA), tmp_path) == [True]
    assert by_dkimpy(fields + own, records(RSA), tmp_path) == [False]


def test_whoever_resends_a_message_adds_resent_fields_above(tmp_path: Path) -> None:
    raw = sign(b"Resent-From: alice@example.org\r\n" + HEADER, BODY, RSA)
    assert b"resent-from" in signatures_of(raw)[0]
    assert by_dkimpy(b"Resent-From: bob@example.org\r\n" + raw, records(RSA), tmp_path) == [True]


def test_no_signed_field_is_one_that_submission_removes() -> None:
    signed = {*selection._SEALED, *selection._SEALED_IF_THERE, *selection._SIGNED}
    assert not signed & {name.encode() for name in submission_removals("mail.example.org").names}


def test_a_message_without_a_body_is_signed(tmp_path: Path) -> None:
    if shutil.which("opendkim") is None:
        pytest.skip("opendkim is not installed")
    for verify in (by_dkimpy, VERIFIERS["opendkim"]):
        assert verify(sign(HEADER, b"", RSA), records(RSA), tmp_path) == [True]
