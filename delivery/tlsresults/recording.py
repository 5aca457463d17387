"""Counting TLS results by day, recipient domain and host."""

import logging
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from delivery.tlsresults.outcome import DETAIL_LIMIT, TlsOutcome
from mail import clock
from mail.periodic.registry import every
from mail.store.write import Transaction, Write, applies
from mail.store.writer import Writer, WriterStopped, writer

log = logging.getLogger(__name__)

KEPT_DAYS = 60


@dataclass(frozen=True, slots=True)
class CountTlsOutcome(Write):
    """Add a session to the count of its day."""

    outcome: TlsOutcome
    moment: clock.Moment


@dataclass(frozen=True, slots=True)
class ForgetTlsResults(Write):
    """Remove the counts of days longer ago than `KEPT_DAYS`."""


@applies(CountTlsOutcome)
def count_tls_outcomes(current: Transaction, writes: Sequence[CountTlsOutcome]) -> list[None]:
    sessions: Counter[tuple[str, ...]] = Counter()
    latest: dict[tuple[str, ...], tuple[str, clock.Moment]] = {}
    for write in writes:
        key = _key(write)
        sessions[key] += 1
        latest[key] = (_plain(write.outcome.detail), write.moment)
    # In one order everywhere: two writers that wait for each other's rows would never end.
    current.cursor.executemany(
        "INSERT INTO delivery_tlsresult (day, domain, host, policy, result, detail, sessions, last) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (day, domain, host, policy, result) DO UPDATE "
        "SET sessions = delivery_tlsresult.sessions + excluded.sessions, detail = excluded.detail, "
        "last = excluded.last",
        [(*key, latest[key][0], sessions[key], latest[key][1]) for key in sorted(sessions)],
    )
    return [None] * len(writes)


@applies(ForgetTlsResults)
def forget_tls_results(current: Transaction, writes: Sequence[ForgetTlsResults]) -> list[int]:
    first = clock.as_datetime(clock.now() - KEPT_DAYS * clock.DAY).date().isoformat()
    removed = current.run("DELETE FROM delivery_tlsresult WHERE day < %s", [first])
    return [removed] * len(writes)


@every(minutes=60, name="tls results")
def forget_old_results() -> None:
    """Results of long ago."""
    writer().submit(ForgetTlsResults()).result()


class TlsResults:
    """Takes outcomes on an event loop and hands them to the writer. A loss is logged and nothing else."""

    def __init__(self, keep: Writer) -> None:
        self._writer = keep

    def __call__(self, outcome: TlsOutcome) -> None:
        """Count one. Never waits, never fails."""
        try:
            future = self._writer.submit(CountTlsOutcome(outcome, clock.now()))
        except WriterStopped:
            return
        future.add_done_callback(_note_failure)


def _key(write: CountTlsOutcome) -> tuple[str, ...]:
    outcome = write.outcome
    day = clock.as_datetime(write.moment).date().isoformat()
    return (day, outcome.domain, outcome.host, outcome.policy.value, outcome.result.value)


def _plain(text: str) -> str:
    """Others choose parts of it: certificates' names, servers' replies."""
    return "".join(char if char.isprintable() else "?" for char in text[:DETAIL_LIMIT])


def _note_failure(future: "Future[None]") -> None:
    if not future.cancelled() and (error := future.exception()) is not None:
        log.error("a TLS result was not counted", extra={"fields": {"reason": str(error)}})
