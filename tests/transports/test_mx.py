"""Which hosts a domain's mail goes to, and when there are none."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.mx import HOST_LIMIT, MailExchangers, mail_exchangers
from delivery.smtp.client.failure import DeliveryFailure, Stage
from mail.dns.answers import Answer, MxRecord
from mail.dns.resolver import Resolver
from tests.world.dns import FakeDns

Zones = Mapping[str, Mapping[str, Sequence[str]]]


def keep_order(hosts: list[Any]) -> None:
    hosts.sort()


def exchangers(
    zones: Zones, domain: str = "remote.example", *, authentic: Sequence[str] = ()
) -> MailExchangers:
    with FakeDns(zones) as dns:
        dns.authentic.update(authentic)
        resolver = Resolver(dns.address, trusted=True, try_seconds=0.5, deadline_seconds=1)
        return asyncio.run(mail_exchangers(domain, resolver, shuffle=keep_order))


def failure(zones: Zones, domain: str = "remote.example") -> DeliveryFailure:
    with pytest.raises(DeliveryFailure) as raised:
        exchangers(zones, domain)
    assert raised.value.stage is Stage.RESOLVE
    assert not raised.value.remote
    return raised.value


def test_hosts_come_by_preference() -> None:
    records = ["30 c.remote.example.", "10 a.remote.example.", "20 b.remote.example."]
    assert exchangers({"remote.example": {"MX": records}}).hosts == (
        "a.remote.example",
        "b.remote.example",
        "c.remote.example",
    )


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 50)), min_size=1, max_size=HOST_LIMIT), st.randoms()
)
def test_equal_preferences_are_shuffled_and_others_never(records: list[tuple[int, int]], random: Any) -> None:
    class Fixed(Resolver):
        def __init__(self) -> None:
            pass

        async def mx(self, name: str) -> Answer[MxRecord]:
            found = tuple(MxRecord(preference, f"h{number}.example") for preference, number in records)
            return Answer(name, name, found, False, 60)

    hosts = asyncio.run(mail_exchangers("remote.example", Fixed(), shuffle=random.shuffle)).hosts
    lowest: dict[str, int] = {}
    for preference, number in records:
        host = f"h{number}.example"
        lowest[host] = min(preference, lowest.get(host, preference))
    assert set(hosts) == set(lowest)
    assert len(hosts) == len(set(hosts))
    assert [lowest[host] for host in hosts] == sorted(lowest[host] for host in hosts)


def test_a_domain_without_mx_is_its_own_host() -> None:
    found = exchangers({"remote.example": {"A": ["192.0.2.1"]}})
    assert (found.hosts, found.implicit) == (("remote.example",), True)


def test_a_domain_that_does_not_exist_is_permanent() -> None:
    reply = failure({}).public
    assert (reply.code, reply.enhanced) == (550, "5.1.2")


def test_a_domain_that_accepts_no_mail_is_permanent() -> None:
    reply = failure({"remote.example": {"MX": ["0 ."]}}).public
    assert (reply.code, reply.enhanced) == (556, "5.1.10")


def test_a_null_record_beside_others_is_ignored() -> None:
    assert exchangers({"remote.example": {"MX": ["0 .", "10 mx.remote.example."]}}).hosts == (
        "mx.remote.example",
    )


def test_records_that_name_no_host_are_left_out() -> None:
    records = ["5 192.0.2.1.", "10 mx_1.remote.example."]
    assert exchangers({"remote.example": {"MX": records}}).hosts == ("mx_1.remote.example",)


def test_a_domain_with_only_impossible_hosts_is_temporary() -> None:
    assert failure({"remote.example": {"MX": ["10 192.0.2.1."]}}).temporary


def test_names_that_no_host_can_have_are_not_asked_for() -> None:
    odd = "\\001" * 60 + ".example."
    found = exchangers({"remote.example": {"MX": [f"10 {odd}", "20 mx_1.remote.example."]}})
    assert found.hosts == ("mx_1.remote.example",)
    alias = {"remote.example": {"CNAME": [odd]}, odd.removesuffix("."): {"A": ["192.0.2.1"]}}
    assert "a name that no host can have" in failure(alias).public.text


def test_no_answer_is_temporary() -> None:
    with FakeDns({"remote.example": {}}) as dns:
        dns.fail("remote.example", "servfail")
        with pytest.raises(DeliveryFailure) as raised:
            asyncio.run(mail_exchangers("remote.example", Resolver(dns.address)))
    assert raised.value.temporary
    assert raised.value.public.enhanced == "4.4.3"


def test_an_alias_leads_to_the_exchangers_of_its_end() -> None:
    zones = {
        "remote.example": {"CNAME": ["real.example."]},
        "real.example": {"MX": ["10 mx.real.example."]},
    }
    found = exchangers(zones)
    assert (found.hosts, found.domain) == (("mx.real.example",), "real.example")


def test_an_alias_to_a_host_makes_it_the_host() -> None:
    zones = {"remote.example": {"CNAME": ["host.example."]}, "host.example": {"A": ["192.0.2.1"]}}
    found = exchangers(zones)
    assert (found.hosts, found.implicit) == (("host.example",), True)


def test_a_loop_of_aliases_is_temporary() -> None:
    zones = {"remote.example": {"CNAME": ["b.example."]}, "b.example": {"CNAME": ["remote.example."]}}
    assert failure(zones).temporary


def test_too_many_aliases_are_temporary() -> None:
    zones: dict[str, dict[str, list[str]]] = {
        f"a{number}.example": {"CNAME": [f"a{number + 1}.example."]} for number in range(40)
    }
    zones["a40.example"] = {"MX": ["10 mx.example."]}
    assert failure(zones, "a0.example").temporary


def test_an_alias_to_nothing_does_not_exist() -> None:
    found = failure({"remote.example": {"CNAME": ["nowhere.example."]}})
    assert not found.temporary
    assert "remote.example is an alias of nowhere.example" in str(found)


@pytest.mark.parametrize(
    ("domain", "ip"), [("[192.0.2.1]", "192.0.2.1"), ("[IPv6:2001:db8::1]", "2001:db8::1")]
)
def test_an_address_literal_is_its_own_host(domain: str, ip: str) -> None:
    assert exchangers({}, domain).ip == ip


def test_a_literal_that_is_no_address_is_permanent() -> None:
    assert not failure({}, "[nonsense]").temporary


def test_a_domain_with_many_hosts_keeps_nobody_waiting() -> None:
    records = [f"10 h{number}.example." for number in range(30)]
    assert len(exchangers({"remote.example": {"MX": records}}).hosts) == HOST_LIMIT


def test_authenticity_covers_the_whole_way() -> None:
    zones = {
        "remote.example": {"CNAME": ["real.example."]},
        "real.example": {"MX": ["10 mx.real.example."]},
    }
    assert not exchangers(zones, authentic=["remote.example"]).authentic
    assert exchangers(zones, authentic=["remote.example", "real.example"]).authentic
