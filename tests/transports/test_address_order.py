"""The addresses of a host in the order for a first, second and third attempt."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.transports.addresses import fits_history, ordered_addresses

A4, B4, C4 = "192.0.2.1", "192.0.2.2", "192.0.2.3"
A6, B6 = "2001:db8::1", "2001:db8::2"

ADDRESSES = st.ip_addresses().map(str)


def test_without_history_the_order_is_that_of_dns() -> None:
    assert ordered_addresses([B6, A4, A6], []) == [B6, A4, A6]


def test_attempts_at_a_host_of_both_families_alternate() -> None:
    addresses = [A6, B6, A4, B4]
    assert ordered_addresses(addresses, [A6])[0] == A4
    assert ordered_addresses(addresses, [A6, A4])[0] == A6
    assert ordered_addresses(addresses, [A6, A4, A6])[0] == A4


def test_the_second_attempt_at_a_host_of_one_family_comes_to_the_same_address() -> None:
    assert ordered_addresses([A4, B4, C4], [B4]) == [B4, A4, C4]


def test_the_third_attempt_follows_dns_again() -> None:
    assert ordered_addresses([A4, B4, C4], [B4, B4]) == [A4, B4, C4]


def test_the_address_used_once_is_first_of_its_family_also_behind_the_other() -> None:
    assert ordered_addresses([A4, B4, A6], [B4]) == [A6, B4, A4]


def test_an_address_that_dns_no_longer_has_is_not_tried() -> None:
    assert ordered_addresses([A4, B4], [C4]) == [A4, B4]


@given(st.lists(ADDRESSES, unique=True), st.lists(ADDRESSES, max_size=4))
def test_no_address_is_lost_or_made_up(addresses: list[str], earlier: list[str]) -> None:
    assert sorted(ordered_addresses(addresses, earlier)) == sorted(addresses)


@given(st.lists(ADDRESSES, unique=True, min_size=1), st.lists(ADDRESSES, max_size=4))
def test_the_address_to_try_first_is_one_whose_open_session_would_do(
    addresses: list[str], earlier: list[str]
) -> None:
    if earlier and earlier[-1] not in addresses:
        addresses.append(earlier[-1])
    dual_stack = len({ipaddress.ip_address(ip).version for ip in addresses}) == 2
    assert fits_history(ordered_addresses(addresses, earlier)[0], earlier, dual_stack=dual_stack)


@pytest.mark.parametrize(
    ("ip", "earlier", "dual_stack", "fits"),
    [
        (A4, [], True, True),
        (A4, [A6], True, True),
        (A4, [A4], True, False),
        (A4, [A4], False, True),
        (B4, [A4], False, False),
        (B4, [A4, A4], False, True),
    ],
)
def test_an_open_session_does_where_a_new_one_could_have_led(
    ip: str, earlier: list[str], dual_stack: bool, fits: bool
) -> None:
    assert fits_history(ip, earlier, dual_stack=dual_stack) is fits
