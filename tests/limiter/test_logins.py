"""Who is held back after wrong passwords, and who is not."""

import pytest

from mail.clock import HOUR, MINUTE
from mail.limiter.clients import Client, client_of
from mail.limiter.counts import Counts
from mail.limiter.delays import after_failures, after_unknown_recipients
from mail.limiter.logins import ACCOUNT_WINDOWS, FAILURES, LoginLimiter
from mail.limiter.rates import MESSAGES, UNKNOWN_RECIPIENTS

NOW = 1_800_000_000 * 1_000_000
MALLORY, ALICE = client_of("192.0.2.66"), client_of("198.51.100.7")
LOOPBACK = client_of("127.0.0.1")


def limiter() -> LoginLimiter:
    return LoginLimiter(Counts())


def fail(logins: LoginLimiter, times: int, client: Client = MALLORY, account: str = "alice") -> None:
    for _ in range(times):
        logins.failed(client, account, NOW)


@pytest.mark.parametrize(
    ("address", "name", "network"),
    [
        ("192.0.2.7", "192.0.2.7", "192.0.2.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.7", "192.0.2.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/64", "fe80::/48"),
        ("", "", ""),
        ("nonsense", "", ""),
    ],
)
def test_a_client_is_an_ipv4_address_or_a_small_ipv6_network(address: str, name: str, network: str) -> None:
    assert (client_of(address).name, client_of(address).network) == (name, network)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.0.1", "::1", "::ffff:127.0.0.1", ""])
def test_this_machine_is_local(address: str) -> None:
    assert client_of(address).is_local


def test_a_client_that_fails_too_often_has_to_wait_and_others_need_not() -> None:
    logins = limiter()
    fail(logins, FAILURES.client[0].limit - 1)
    assert logins.client_opens(MALLORY, NOW) == NOW
    fail(logins, 1)
    assert NOW < logins.client_opens(MALLORY, NOW) <= NOW + 20 * MINUTE
    assert logins.client_opens(ALICE, NOW) == NOW
    assert logins.others_open(ALICE, "alice", NOW) == NOW


def test_a_success_forgives_the_client_and_not_the_account() -> None:
    logins = limiter()
    fail(logins, ACCOUNT_WINDOWS[0].limit)
    logins.succeeded(MALLORY, NOW)
    assert logins.client_opens(MALLORY, NOW) == NOW
    assert logins.others_open(ALICE, "alice", NOW) > NOW


def test_many_clients_against_one_account() -> None:
    logins = limiter()
    for number in range(ACCOUNT_WINDOWS[0].limit):
        fail(logins, 1, client_of(f"203.0.{number}.1"))
    assert NOW < logins.others_open(ALICE, "alice", NOW) <= NOW + 2 * HOUR
    assert logins.others_open(ALICE, "bob", NOW) == NOW


def test_many_clients_of_one_network_against_many_accounts() -> None:
    logins = limiter()
    for number in range(FAILURES.network[0].limit):
        fail(logins, 1, client_of(f"203.0.113.{number}"), f"account {number}")
    assert logins.client_opens(client_of("203.0.113.200"), NOW) == NOW
    assert logins.others_open(client_of("203.0.113.200"), "alice", NOW) > NOW
    assert logins.others_open(client_of("203.0.112.200"), "alice", NOW) == NOW


def test_for_this_machine_only_accounts_are_counted() -> None:
    logins = limiter()
    fail(logins, ACCOUNT_WINDOWS[0].limit, LOOPBACK)
    assert logins.client_opens(LOOPBACK, NOW) == NOW
    assert logins.others_open(LOOPBACK, "bob", NOW) == NOW
    assert logins.others_open(LOOPBACK, "alice", NOW) > NOW


def test_every_failure_takes_longer_to_be_told_up_to_a_limit() -> None:
    delays = [after_failures(number) for number in range(1, 1000)]
    assert delays == sorted(delays)
    assert delays[0] <= 0.5
    assert 2 <= delays[-1] <= 10
    logins = limiter()
    fail(logins, 3)
    assert logins.delay(MALLORY, "alice", NOW) == after_failures(3)
    assert logins.delay(ALICE, "bob", NOW) == after_failures(1)


def test_unknown_recipients_cost_nothing_at_first_and_then_more_and_more() -> None:
    delays = [after_unknown_recipients(number) for number in range(1, 1000)]
    assert delays[:2] == [0, 0]
    assert delays == sorted(delays)
    assert 5 <= delays[-1] <= 10


@pytest.mark.parametrize("rate", [MESSAGES, UNKNOWN_RECIPIENTS])
def test_a_rate_is_for_the_client_and_for_its_network(rate: object) -> None:
    assert isinstance(rate, type(MESSAGES))
    counts = Counts()
    while rate.take(counts, MALLORY, NOW):
        pass
    assert rate.opens(counts, MALLORY, NOW) > NOW
    assert rate.opens(counts, client_of("192.0.2.67"), NOW) == NOW
    neighbours = [client_of(f"192.0.2.{number}") for number in range(100, 110)]
    taken = sum(rate.take(counts, each, NOW) for each in neighbours for _ in range(rate.client[0].limit))
    assert taken == rate.network[0].limit - rate.client[0].limit
    assert rate.opens(counts, client_of("192.0.3.1"), NOW) == NOW
    assert rate.take(counts, LOOPBACK, NOW)
