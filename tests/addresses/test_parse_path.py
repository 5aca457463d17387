"""Paths of MAIL FROM and RCPT TO."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.addresses.address import Address
from mail.addresses.domain import AddressError
from mail.addresses.parse import parse_path

ALICE = Address("alice", "example.org")
PIECES = [
    "<",
    ">",
    "@",
    ":",
    ",",
    '"',
    "\\",
    ".",
    "[",
    "]",
    " ",
    "a",
    "IPv6:",
    "::1",
    "\u0338",
    "ü",
    "SIZE=1",
]


@pytest.mark.parametrize(
    ("text", "address", "parameters"),
    [
        ("<alice@example.org>", ALICE, ""),
        ("<alice@example.org> SIZE=10 BODY=8BITMIME", ALICE, "SIZE=10 BODY=8BITMIME"),
        ("  <alice@example.org>\tSIZE=10 ", ALICE, "SIZE=10"),
        ("<>", None, ""),
        (" <> SIZE=10", None, "SIZE=10"),
        ("alice@example.org", ALICE, ""),
        ("alice@example.org SIZE=10", ALICE, "SIZE=10"),
        ("<alice@EXAMPLE.org.>", ALICE, ""),
        ("<@relay.example:alice@example.org>", ALICE, ""),
        ("<@a.example,@b.example:alice@example.org> SIZE=1", ALICE, "SIZE=1"),
        ("<@[IPv6:2001:db8::1],@b.example:alice@example.org>", ALICE, ""),
        ('<"alice"@example.org>', ALICE, ""),
        ('<"> "@example.org> SIZE=1', Address("> ", "example.org"), "SIZE=1"),
        ("<alice@[192.0.2.1]>", Address("alice", "[192.0.2.1]"), ""),
        ("<alice@[IPv6:2001:DB8::1]>", Address("alice", "[IPv6:2001:db8::1]"), ""),
        ("<bjo\u0308rn@bücher.example> SMTPUTF8", Address("björn", "xn--bcher-kva.example"), "SMTPUTF8"),
        ("<postmaster>", Address("postmaster", ""), ""),
        ("<PostMaster> SIZE=1", Address("postmaster", ""), "SIZE=1"),
        ("PostMaster", Address("postmaster", ""), ""),
        ("<Postmaster@example.org>", Address("Postmaster", "example.org"), ""),
        ("<a..b.@example.org>", Address("a..b.", "example.org"), ""),
        ("<" + "a" * 128 + "@example.org>", Address("a" * 128, "example.org"), ""),
    ],
)
def test_a_path_is_read(text: str, address: Address | None, parameters: str) -> None:
    assert parse_path(text) == (address, parameters)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no address"),
        ("<", "no address"),
        ("< >", "a blank"),
        ("<alice>", "no domain"),
        ("alice SIZE=1", "no domain"),
        ("<alice@example.org", "closing >"),
        ("<alice@example.org SIZE=1", "closing >"),
        ("alice@example.org>", '">"'),
        ("<alice@example.org>SIZE=1", '"S"'),
        ("<>SIZE=1", '"S"'),
        ("<<alice@example.org>>", '"<"'),
        ("<@example.org>", "before the @"),
        ("<@relay.example:>", '">"'),
        ("<@relay.example alice@example.org>", "before the @"),
        ("<alice@>", "empty"),
        ("<al ice@example.org>", "no domain"),
        ("<alice@exam ple.org>", "closing >"),
        ("<a;b@example.org>", '";"'),
        ("<alice@b@example.org>", '"@"'),
        ('<"alice@example.org>', "closing quote"),
        ('<"alice"bob@example.org>', '"b"'),
        ("<al\rice@example.org>", r"U\+000D"),
        ("<al\x7fice@example.org>", "control"),
        ("<alice@[192.0.2.1>", "brackets"),
        ("<alice@[10.1]>", "literal"),
        ("<" + "a" * 129 + "@example.org>", "128 octets"),
        ("<\u0338alice@example.org>", '">" can\'t stand here'),
    ],
)
def test_what_is_no_path_is_refused_with_the_reason(text: str, problem: str) -> None:
    with pytest.raises(AddressError, match=problem):
        parse_path(text)


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_any_path_is_read_or_refused_in_printable_ascii(text: str) -> None:
    try:
        address, parameters = parse_path(text)
    except AddressError as error:
        message = str(error)
    else:
        message = ""
        assert parse_path(f"<{address or ''}> {parameters}") == (address, parameters)
    assert message.isascii()
    assert message.isprintable()
