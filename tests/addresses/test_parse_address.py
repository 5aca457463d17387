"""Addresses in configuration and log-in forms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.addresses.address import Address, Catchall
from mail.addresses.domain import AddressError
from mail.addresses.localpart import check_localpart
from mail.addresses.parse import parse_address, parse_destination


def usable(localpart: str) -> bool:
    try:
        check_localpart(localpart)
    except AddressError:
        return False
    return True


@pytest.mark.parametrize(
    ("text", "localpart", "domain"),
    [
        ("alice@example.org", "alice", "example.org"),
        (" Alice@Example.ORG\n", "Alice", "example.org"),
        ("alice+list@example.org", "alice+list", "example.org"),
        ('"alice"@example.org', "alice", "example.org"),
        ('"a b"@example.org', "a b", "example.org"),
        ('"a\\"b\\\\c\\d"@example.org', 'a"b\\cd', "example.org"),
        ('"a@b"@example.org', "a@b", "example.org"),
        ('"a..b"@example.org', "a..b", "example.org"),
        ('""@example.org', "", "example.org"),
        ("björn@bücher.example", "björn", "xn--bcher-kva.example"),
        ("bjo\u0308rn@example.org", "björn", "example.org"),
        ('"bjo\\\u0308rn"@example.org', "björn", "example.org"),
        ("alice@[192.0.2.1]", "alice", "[192.0.2.1]"),
        ("alice@[IPv6:2001:db8::1]", "alice", "[IPv6:2001:db8::1]"),
        ("!#$%&'*+-/=?^_`{|}~@example.org", "!#$%&'*+-/=?^_`{|}~", "example.org"),
        ("a" * 128 + "@example.org", "a" * 128, "example.org"),
    ],
)
def test_an_address_has_one_form(text: str, localpart: str, domain: str) -> None:
    assert parse_address(text) == Address(localpart, domain)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no address"),
        ("alice", "no domain"),
        ("postmaster", "no domain"),
        ("@example.org", "before the @ is missing"),
        ("alice@", "empty"),
        ("alice@exa_mple.org", '"_"'),
        ("alice@192.0.2.1", "brackets"),
        ("alice@b@example.org", '"@"'),
        ("<alice@example.org>", "angle brackets"),
        ("Alice <alice@example.org>", "a blank"),
        ("alice@example.org, bob@example.org", '","'),
        ("a,b@example.org", '","'),
        ("a(b)@example.org", r'"\("'),
        (".a@example.org", "dots"),
        ("a.@example.org", "dots"),
        ("a..b@example.org", "dots"),
        ('"a@example.org', "closing quote"),
        ('"a"b@example.org', '"b"'),
        ("a\x00b@example.org", "control"),
        ('"a\\\nb"@example.org', "control"),
        ("a\u0085b@example.org", r"U\+0085"),
        ("a\u202eb@example.org", r"U\+202E"),
        ("a\udcffb@example.org", r"U\+DCFF"),
        ("a\u037eb@example.org", '";"'),
        ("\u0338a@example.org", "combining mark"),
        ("a\u3000b@example.org", r"U\+3000"),
        ("a" * 129 + "@example.org", "128 octets"),
        ("ü" * 65 + "@example.org", "128 octets"),
    ],
)
def test_what_is_no_address_is_refused_with_the_reason(text: str, problem: str) -> None:
    with pytest.raises(AddressError, match=problem):
        parse_address(text)


def test_a_destination_that_starts_with_the_at_sign_is_a_catchall() -> None:
    assert parse_destination(" @Bücher.example ") == Catchall("xn--bcher-kva.example")


def test_a_destination_with_a_localpart_is_an_address_even_if_the_localpart_is_empty() -> None:
    assert parse_destination("alice@example.org") == Address("alice", "example.org")
    assert parse_destination('""@example.org') == Address("", "example.org")


@pytest.mark.parametrize("text", ["@", "alice", "@[192.0.2.1]", "@a@example.org", ""])
def test_what_is_no_destination_is_refused(text: str) -> None:
    with pytest.raises(AddressError):
        parse_destination(text)


@pytest.mark.parametrize(
    ("address", "smtp", "shown"),
    [
        (Address("alice", "example.org"), "alice@example.org", "alice@example.org"),
        (Address("", "example.org"), '""@example.org', '""@example.org'),
        (Address("a b", "example.org"), '"a b"@example.org', '"a b"@example.org'),
        (Address("a\u3000b", "example.org"), '"a\u3000b"@example.org', '"a\u3000b"@example.org'),
        (Address('a"\\', "example.org"), '"a\\"\\\\"@example.org', '"a\\"\\\\"@example.org'),
        (Address("björn", "xn--bcher-kva.example"), "björn@xn--bcher-kva.example", "björn@bücher.example"),
        (Address("postmaster", ""), "postmaster", "postmaster"),
        (Address("a", "[IPv6:2001:db8::1]"), "a@[IPv6:2001:db8::1]", "a@[IPv6:2001:db8::1]"),
    ],
)
def test_an_address_is_written_with_quotes_only_where_needed(address: Address, smtp: str, shown: str) -> None:
    assert str(address) == smtp
    assert address.display() == shown


def test_a_catchall_is_written_as_its_key() -> None:
    assert str(Catchall("xn--bcher-kva.example")) == "@xn--bcher-kva.example"
    assert Catchall("xn--bcher-kva.example").display() == "@bücher.example"


def test_a_literal_is_recognised() -> None:
    assert parse_address("alice@[192.0.2.1]").is_literal
    assert not parse_address("alice@example.org").is_literal


@given(st.text(max_size=40).map(lambda text: Address(text, "example.org")))
def test_every_address_leads_back_to_itself(address: Address) -> None:
    if not usable(address.localpart):
        return
    once = parse_address(str(address))
    assert parse_address(str(once)) == once
    assert parse_address(once.display()) == once


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_refused_in_printable_ascii(text: str) -> None:
    try:
        address = parse_address(text)
    except AddressError as error:
        message = str(error)
    else:
        message = ""
        assert parse_address(str(address)) == address
    assert message.isascii()
    assert message.isprintable()
