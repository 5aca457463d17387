"""TLS results are counted by day, domain, host, policy and result."""

from delivery.models import TlsResult
from delivery.tlsresults.outcome import PolicyType, ResultType, TlsOutcome
from delivery.tlsresults.recording import CountTlsOutcome, ForgetTlsResults, TlsResults
from mail import clock
from mail.store.writer import stop_writer
from tests.world.world import World

GOOD = TlsOutcome("remote.example", "mx.remote.example", PolicyType.STS, ResultType.SUCCESS)
BAD = TlsOutcome(
    "remote.example", "mx.remote.example", PolicyType.STS, ResultType.VALIDATION_FAILURE, "why\x1b\r\n" * 99
)


def test_equal_outcomes_of_a_day_are_one_row(world: World) -> None:
    report = TlsResults(world.writer)
    for outcome in (GOOD, BAD, GOOD, GOOD):
        report(outcome)
    world.writer.submit(CountTlsOutcome(GOOD, clock.now())).result()
    world.clock.advance(clock.DAY)
    world.writer.submit(CountTlsOutcome(GOOD, clock.now())).result()
    rows = TlsResult.objects.order_by("day", "result").values_list("result", "sessions")
    assert list(rows) == [("success", 4), ("validation-failure", 1), ("success", 1)]
    bad = TlsResult.objects.get(result="validation-failure")
    assert (bad.day, bad.domain, bad.host, bad.policy) == (
        clock.as_datetime(clock.now() - clock.DAY).date(), "remote.example", "mx.remote.example", "sts"
    )  # fmt: skip
    assert len(bad.detail) == 200
    assert bad.detail.isprintable()


def test_results_of_long_ago_are_forgotten(world: World) -> None:
    world.writer.submit(CountTlsOutcome(GOOD, clock.now() - 62 * clock.DAY)).result()
    world.writer.submit(CountTlsOutcome(BAD, clock.now())).result()
    assert world.writer.submit(ForgetTlsResults()).result() == 1
    assert TlsResult.objects.get().result == "validation-failure"


def test_a_process_that_ends_counts_nothing_and_nothing_fails(world: World) -> None:
    report = TlsResults(world.writer)
    stop_writer()
    report(GOOD)
