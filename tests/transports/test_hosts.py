"""The order of a relay's hosts: as configured or by lot, with those that took no mail last."""

import random
from collections import Counter

import pytest

from delivery.transports.dialing import Host
from delivery.transports.hosts import UNREACHABLE_SECONDS, RelayHosts
from mail import clock

A, B, C = Host("a.example", 25), Host("b.example", 25), Host("c.example", 2525)


def test_hosts_are_tried_in_their_order() -> None:
    assert RelayHosts((B, A, C)).in_order() == [B, A, C]


def test_a_host_that_took_no_mail_is_tried_last_for_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    relay = RelayHosts((A, B, C))
    moment = 1000.0
    monkeypatch.setattr(clock, "monotonic", lambda: moment)
    relay.took_no_mail(A)
    assert relay.in_order() == [B, C, A]
    moment += UNREACHABLE_SECONDS + 1
    assert relay.in_order() == [A, B, C]


def test_a_host_that_takes_mail_again_is_forgiven() -> None:
    relay = RelayHosts((A, B))
    relay.took_no_mail(A)
    relay.took_mail(A)
    assert relay.in_order() == [A, B]


def test_when_none_took_mail_their_order_stays() -> None:
    relay = RelayHosts((A, B))
    relay.took_no_mail(B)
    relay.took_no_mail(A)
    assert relay.in_order() == [A, B]


def test_by_lot_each_host_is_first_as_often_as_its_weight_says() -> None:
    relay = RelayHosts((A, B, C), (6, 3, 1))
    draw = random.Random(1)
    orders = [relay.in_order(draw) for _ in range(2000)]
    assert all(sorted(order, key=lambda host: host.name) == [A, B, C] for order in orders)
    first = Counter(order[0] for order in orders)
    assert first[A] == pytest.approx(1200, abs=100)
    assert first[B] == pytest.approx(600, abs=100)
    assert first[C] == pytest.approx(200, abs=70)


def test_a_host_that_took_no_mail_is_last_whatever_its_weight() -> None:
    relay = RelayHosts((A, B), (1000, 1))
    relay.took_no_mail(A)
    assert all(relay.in_order() == [B, A] for _ in range(20))
