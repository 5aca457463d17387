"""Address literals."""

from ipaddress import ip_address

import pytest

from mail.addresses.domain import AddressError
from mail.addresses.literal import literal_address, normalise_literal


@pytest.mark.parametrize(
    ("text", "literal", "address"),
    [
        ("[192.0.2.1]", "[192.0.2.1]", "192.0.2.1"),
        ("[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]", "2001:db8::1"),
        ("[ipv6:2001:DB8:0::0001]", "[IPv6:2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]", "[IPv6:2001:db8::1]", "2001:db8::1"),
    ],
)
def test_every_spelling_of_a_literal_becomes_one(text: str, literal: str, address: str) -> None:
    assert normalise_literal(text) == literal
    assert literal_address(literal) == ip_address(address)


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "192.0.2.1",
        "[192.0.2]",
        "[192.0.2.256]",
        "[IPv6:192.0.2.1]",
        "[IPv6:fe80::1%eth0]",
        "[x400:a]",
        "[",
    ],
)
def test_what_holds_no_usable_ip_address_is_refused(text: str) -> None:
    with pytest.raises(AddressError, match="literal"):
        normalise_literal(text)


def test_a_domain_name_has_no_literal_address() -> None:
    with pytest.raises(AddressError):
        literal_address("example.org")
