"""A policy is fetched once, kept while it holds, and survives what goes wrong later."""

import pytest

from delivery.tlsresults.outcome import ResultType
from mail import clock
from mail.dns.errors import DnsTemporary
from tests.mtasts.policies import RECORD, Policies, policy_text
from tests.world.waiting import wait_until


def test_a_policy_is_fetched_once_and_kept(policies: Policies) -> None:
    assert [found.policy.mode for found in policies.ask(3) if found.policy] == ["enforce"] * 3
    assert policies.mode() == "enforce"
    assert policies.fetched == 1
    assert policies.dns.asked(RECORD, "TXT") == 2
    row = policies.row
    assert (row.record_id, row.mx, row.max_age, row.problem) == ("1", ["mx.remote.example"], 604800, "")
    assert row.expires == row.fetched + 604800 * clock.SECOND


@pytest.mark.only_database("sqlite")
def test_a_new_id_has_the_policy_fetched_again(policies: Policies) -> None:
    policies.ask()
    policies.publish(policy_text("testing"))
    assert policies.mode() == "enforce"
    policies.announce("2")
    assert (policies.mode(), policies.fetched, policies.row.record_id) == ("testing", 2, "2")


@pytest.mark.only_database("sqlite")
def test_without_record_there_is_no_policy_and_nothing_is_fetched(policies: Policies) -> None:
    policies.dns.remove(RECORD)
    assert policies.ask()[0].policy is None
    assert policies.fetched == 0


@pytest.mark.only_database("sqlite")
@pytest.mark.parametrize("records", [['"v=STSv1; id=1"', '"v=STSv1; id=2"'], ['"v=STSv1; id=?"']])
def test_records_that_make_no_sense_announce_nothing(policies: Policies, records: list[str]) -> None:
    policies.dns.add(RECORD, {"TXT": records})
    assert policies.ask()[0].policy is None
    assert policies.fetched == 0


@pytest.mark.only_database("sqlite")
def test_a_first_fetch_that_fails_means_no_policy_and_is_not_repeated_at_once(policies: Policies) -> None:
    policies.fail()
    (first,), (second,) = policies.ask(), policies.ask()
    assert first.policy is second.policy is None
    assert second.problem is ResultType.STS_POLICY_FETCH_ERROR
    assert "500" in second.detail
    assert policies.fetched == 1
    policies.publish(policy_text())
    policies.world.clock.advance(6 * clock.MINUTE)
    assert (policies.mode(), policies.fetched, policies.row.problem) == ("enforce", 2, "")


@pytest.mark.only_database("sqlite")
def test_a_text_that_is_no_policy_is_told_apart(policies: Policies) -> None:
    policies.publish("hello")
    assert policies.ask()[0].problem is ResultType.STS_POLICY_INVALID


@pytest.mark.only_database("sqlite")
def test_a_kept_policy_holds_whatever_goes_wrong(policies: Policies) -> None:
    policies.ask()
    policies.announce("2")
    policies.fail()
    assert (policies.mode(), policies.mode()) == ("enforce", "enforce")
    assert (policies.fetched, policies.row.record_id) == (2, "1")
    policies.dns.remove(RECORD)
    assert policies.mode() == "enforce"
    policies.dns.fail(RECORD, "servfail")
    assert policies.mode() == "enforce"


@pytest.mark.only_database("sqlite")
def test_a_policy_that_has_run_out_holds_no_longer(policies: Policies) -> None:
    policies.ask()
    policies.fail()
    policies.world.clock.advance(8 * clock.DAY)
    (found,) = policies.ask()
    assert (found.policy, found.problem) == (None, ResultType.STS_POLICY_FETCH_ERROR)


@pytest.mark.only_database("sqlite")
def test_a_record_that_can_t_be_looked_up_is_temporary_when_nothing_is_kept(policies: Policies) -> None:
    policies.dns.fail(RECORD, "servfail")
    with pytest.raises(DnsTemporary):
        policies.ask()


@pytest.mark.only_database("sqlite")
def test_when_it_was_last_needed_is_noted_once_a_day(policies: Policies) -> None:
    policies.ask()
    first = policies.row.used
    policies.world.clock.advance(2 * clock.HOUR)
    policies.ask()
    assert policies.row.used == first
    policies.world.clock.advance(clock.DAY)
    policies.ask()
    wait_until(lambda: policies.row.used > first + clock.DAY, "the use is noted")
