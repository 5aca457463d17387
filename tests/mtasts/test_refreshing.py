"""The periodic job: policies that are needed are renewed, others forgotten."""

import asyncio

from delivery.models import MtaStsPolicy
from delivery.mtasts.refreshing import OLD, refresh
from delivery.mtasts.stored import ForgetPolicies, SavePolicy, StoredPolicy, load_old_policies
from mail import clock
from mail.periodic.registry import jobs
from tests.mtasts.policies import Policies, policy_text
from tests.world.world import World


def run_refresh(policies: Policies) -> int:
    old = load_old_policies(clock.now() - OLD, 10)
    asyncio.run(refresh(old, policies.fetcher, policies.dns.address, policies.world.writer))
    return len(old)


def test_a_policy_of_yesterday_is_fetched_again_before_it_runs_out(policies: Policies) -> None:
    policies.ask()
    assert run_refresh(policies) == 0
    first = policies.row
    policies.publish(policy_text(max_age=1209600))
    policies.announce("2")
    policies.world.clock.advance(25 * clock.HOUR)
    assert run_refresh(policies) == 1
    row = policies.row
    assert (row.record_id, row.max_age) == ("2", 1209600)
    assert row.expires > first.expires
    assert row.used == first.used


def test_a_renewal_that_fails_leaves_the_policy_as_it_was(policies: Policies) -> None:
    policies.ask()
    policies.fail()
    policies.world.clock.advance(25 * clock.HOUR)
    assert run_refresh(policies) == 1
    assert run_refresh(policies) == 0
    assert policies.row.problem.startswith("sts-policy-fetch-error: ")
    assert policies.mode() == "enforce"


def test_policies_that_nobody_needs_are_forgotten(world: World) -> None:
    now = clock.now()
    for stored in (
        StoredPolicy("failed.example", "1", None, used=now, retry_after=now - 2 * clock.DAY, problem="x: y"),
        StoredPolicy("failing.example", "1", None, used=now, retry_after=now, problem="x: y"),
        StoredPolicy("unused.example", "1", None, used=now - 61 * clock.DAY, retry_after=now),
    ):
        world.writer.submit(SavePolicy(stored)).result()
    assert world.writer.submit(ForgetPolicies()).result() == 2
    assert list(MtaStsPolicy.objects.values_list("domain", flat=True)) == ["failing.example"]


def test_the_jobs_are_registered() -> None:
    assert {"mta-sts", "tls results"} <= set(jobs())
