"""How long a child that died waits for its next start."""

from moxsite.supervisor.backoff import HEALTHY_SECONDS, Backoff


def test_delays_double_and_end_at_thirty_seconds() -> None:
    backoff = Backoff()
    assert [backoff.delay_after(1.0) for _ in range(7)] == [0.5, 1.0, 2.0, 4.0, 30.0, 30.0, 30.0]
    assert backoff.keeps_dying


def test_a_minute_of_health_is_forgiven() -> None:
    backoff = Backoff()
    for _ in range(6):
        backoff.delay_after(1.0)
    assert backoff.delay_after(HEALTHY_SECONDS) == 0.5
    assert not backoff.keeps_dying
