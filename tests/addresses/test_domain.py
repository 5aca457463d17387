"""Domain names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.addresses.domain import AddressError, display_domain, normalise_domain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("example.org", "example.org"),
        ("Example.ORG", "example.org"),
        ("example.org.", "example.org"),
        ("localhost", "localhost"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.Example", "xn--bcher-kva.example"),
        ("bu\u0308cher.example", "xn--bcher-kva.example"),
        ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("☺.example", "xn--74h.example"),
        ("bücher。example。", "xn--bcher-kva.example"),
        ("ｅｘａｍｐｌｅ．org", "example.org"),
        ("3com.example", "3com.example"),
        ("r3---sn-a5m.example", "r3---sn-a5m.example"),
        ("1.example", "1.example"),
        ("a" * 63 + ".example", "a" * 63 + ".example"),
        (".".join(["a" * 49] * 5) + ".abc", ".".join(["a" * 49] * 5) + ".abc"),
    ],
)
def test_every_spelling_of_a_domain_becomes_one(text: str, expected: str) -> None:
    assert normalise_domain(text) == expected


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty"),
        (".", "empty"),
        ("a..b", "empty part"),
        (".example.org", "empty part"),
        ("example.org..", "empty part"),
        ("_dmarc.example.org", '"_" can\'t be'),
        ("exa mple.org", "a blank can't be"),
        ("a@b", '"@" can\'t be'),
        ("[192.0.2.1]", r'"\[" can\'t be'),
        ("192.0.2.1", "brackets"),
        ("2001:db8::1", '":" can\'t be'),
        ("-a.example", "hyphen"),
        ("a-.example", "hyphen"),
        ("a\x00b.example", r"U\+0000 can't be"),
        ("a" * 64 + ".example", "longer than 63"),
        ("ü" * 60 + ".example", "longer than 63"),
        (".".join(["a" * 50] * 5) + ".abc", "longer than 253"),
        ("a" * 10_000, "longer than 253"),
        ("xn--.example", "hyphen"),
        ("xn--abc-.example", "hyphen"),
        ("xn--999999999.example", "encodes nothing"),
        ("\u202eexample.org", "can't have"),
        ("a\u200db.example", "no valid internationalised"),
        ("☺\u200d.example", "no valid internationalised"),
        ("\u0308a.example", "no valid internationalised"),
        ("ü_a.example", '"_"|internationalised'),
        ("\udc80.example", "can't have"),
    ],
)
def test_what_is_no_domain_is_refused_with_the_reason(text: str, problem: str) -> None:
    with pytest.raises(AddressError, match=problem):
        normalise_domain(text)


@pytest.mark.parametrize(
    ("domain", "shown"),
    [
        ("example.org", "example.org"),
        ("xn--bcher-kva.example", "bücher.example"),
        ("xn--74h.example", "☺.example"),
        ("xn--fake.example", "xn--fake.example"),
        ("xn--BCHER-kva", "xn--BCHER-kva"),
        ("[192.0.2.1]", "[192.0.2.1]"),
        ("", ""),
    ],
)
def test_people_see_unicode_labels_where_they_lead_back(domain: str, shown: str) -> None:
    assert display_domain(domain) == shown


@given(st.text(max_size=80))
def test_any_text_is_normalised_for_good_or_refused_in_printable_ascii(text: str) -> None:
    try:
        domain = normalise_domain(text)
    except AddressError as error:
        message = str(error)
    else:
        message = ""
        assert normalise_domain(domain) == domain
        assert normalise_domain(display_domain(domain)) == domain
    assert message.isascii()
    assert message.isprintable()


@given(st.from_regex(r"(?:xn--)?[a-z0-9-]{1,20}\.[a-z]{2}", fullmatch=True))
def test_ascii_names_show_in_a_form_that_leads_back(text: str) -> None:
    try:
        domain = normalise_domain(text)
    except AddressError:
        return
    assert domain == text
    assert normalise_domain(display_domain(domain)) == domain
