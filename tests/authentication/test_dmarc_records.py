"""What DMARC records say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.authentication.dmarc.organization import aligned, organizational_domain
from mail.authentication.dmarc.record import DmarcRecord, is_record, read_record
from mail.authentication.results import Disposition

NONE, QUARANTINE, REJECT = Disposition.NONE, Disposition.QUARANTINE, Disposition.REJECT


@pytest.mark.parametrize(
    ("text", "record"),
    [
        ("v=DMARC1; p=reject", DmarcRecord(REJECT, REJECT)),
        ("v=DMARC1;p=reject;sp=none", DmarcRecord(REJECT, NONE)),
        ("v=DMARC1; p=Quarantine; pct=20", DmarcRecord(QUARANTINE, QUARANTINE, percent=20)),
        ("v=DMARC1; p=none; adkim=s; aspf=s", DmarcRecord(NONE, NONE, True, True)),
        ("v=DMARC1; p=reject; pct=200", DmarcRecord(REJECT, REJECT)),
        ("v=DMARC1; p=reject; pct=x; adkim=; x; =; ;", DmarcRecord(REJECT, REJECT)),
        ("v = DMARC1 ; p = reject", DmarcRecord(REJECT, REJECT)),
        ("v=DMARC1; p=discard; rua=mailto:d@example.org", DmarcRecord(NONE, NONE)),
        ("v=DMARC1; p=reject; sp=x; rua=mailto:d@example.org", DmarcRecord(NONE, NONE)),
        ("v=DMARC1; rua=mailto:d@example.org", DmarcRecord(NONE, NONE)),
        ("v=DMARC1; p=discard; rua=https://example.org", None),
        ("v=DMARC1", None),
    ],
)
def test_records_and_what_they_say(text: str, record: DmarcRecord | None) -> None:
    assert is_record(text)
    assert read_record(text) == record


@pytest.mark.parametrize(
    "text", ["", "v=DMARC10; p=reject", "v=dmarc1; p=reject", "p=reject; v=DMARC1", "v=spf1"]
)
def test_other_texts_are_no_records(text: str) -> None:
    assert not is_record(text)


@given(st.text())
def test_no_text_is_too_strange(text: str) -> None:
    read_record("v=DMARC1;" + text)


@pytest.mark.parametrize(
    ("domain", "organization"),
    [
        ("example.org", "example.org"),
        ("a.b.example.org", "example.org"),
        ("a.b.example.co.uk", "example.co.uk"),
        ("co.uk", "co.uk"),
        ("x.y.xn--55qx5d.cn", "y.xn--55qx5d.cn"),
        ("alice.github.io", "alice.github.io"),
        ("host.unknown-suffix", "host.unknown-suffix"),
        ("localhost", "localhost"),
    ],
)
def test_an_organization_has_one_label_more_than_a_public_suffix(domain: str, organization: str) -> None:
    assert organizational_domain(domain) == organization


@pytest.mark.parametrize(
    ("domain", "author", "relaxed", "strict"),
    [
        ("example.org", "example.org", True, True),
        ("mail.example.org", "example.org", True, False),
        ("example.org", "news.example.org", True, False),
        ("a.example.org", "b.example.org", True, False),
        ("example.com", "example.org", False, False),
        ("evil.co.uk", "bank.co.uk", False, False),
        ("co.uk", "bank.co.uk", False, False),
        ("notexample.org", "example.org", False, False),
        ("", "example.org", False, False),
    ],
)
def test_alignment(domain: str, author: str, relaxed: bool, strict: bool) -> None:
    assert aligned(domain, author, strict=False) is relaxed
    assert aligned(domain, author, strict=True) is strict
