"""Which writes wait for others to share a commit, and which do not."""

import threading
from concurrent.futures import Future
from dataclasses import dataclass
from typing import ClassVar

from mail.store.backlog import MAX_BYTES, MAX_WRITES, Backlog
from mail.store.write import Write

FOR_EVER = 3600.0


@dataclass(frozen=True, slots=True)
class Urgent(Write):
    number: int = 0
    size: int = 0

    @property
    def weight(self) -> int:
        return self.size


@dataclass(frozen=True, slots=True)
class Patient(Urgent):
    patience: ClassVar[float] = FOR_EVER


@dataclass(frozen=True, slots=True)
class Brief(Urgent):
    patience: ClassVar[float] = 0.001


def put(backlog: Backlog, *writes: Write) -> None:
    for write in writes:
        backlog.put((write, Future()))


def take(backlog: Backlog) -> list[Write]:
    return [write for write, _ in backlog.take()] if backlog.wait() else []


def in_a_stream() -> Backlog:
    """A patient write has just been taken: the next one waits."""
    backlog = Backlog()
    put(backlog, Patient())
    assert take(backlog) == [Patient()]
    return backlog


def test_a_patient_write_that_comes_alone_does_not_wait() -> None:
    backlog = Backlog()
    taken: list[Write] = []
    waiting = threading.Thread(target=lambda: taken.extend(take(backlog)))
    waiting.start()
    put(backlog, Patient(1))
    waiting.join(60)
    assert taken == [Patient(1)]


def test_patient_writes_of_a_stream_are_taken_together_when_they_have_waited() -> None:
    backlog = Backlog()
    put(backlog, Brief())
    take(backlog)
    put(backlog, Brief(1), Brief(2))
    assert take(backlog) == [Brief(1), Brief(2)]


def test_a_write_without_patience_takes_along_those_that_wait() -> None:
    backlog = in_a_stream()
    put(backlog, Patient(1), Urgent(2), Patient(3))
    assert len(backlog) >= 3
    assert sorted(write.number for write in take(backlog) if isinstance(write, Urgent)) == [1, 2, 3]
    assert len(backlog) == 0


def test_more_than_a_batch_holds_need_not_wait_again() -> None:
    backlog = Backlog()
    put(backlog, *map(Patient, range(MAX_WRITES + 1)))
    assert take(backlog) == list(map(Patient, range(MAX_WRITES)))
    assert take(backlog) == [Patient(MAX_WRITES)]


def test_what_is_too_large_for_a_batch_is_in_the_next_one() -> None:
    backlog = in_a_stream()
    put(backlog, Patient(1, MAX_BYTES), Patient(2), Urgent(3, 1))
    assert take(backlog) == [Urgent(3, 1)]
    assert take(backlog) == [Patient(1, MAX_BYTES), Patient(2)]


def test_at_the_end_nothing_waits_any_longer() -> None:
    backlog = in_a_stream()
    put(backlog, Patient(1))
    backlog.end()
    assert take(backlog) == [Patient(1)]
    assert take(backlog) == []


def test_every_write_is_taken_once_whoever_puts_it_in_and_when() -> None:
    backlog = Backlog()
    count = 1000

    def work(first: int) -> None:
        for number in range(first, first + count):
            put(backlog, Brief(number) if number % 7 else Urgent(number))

    threads = [threading.Thread(target=work, args=(first,)) for first in range(0, 4 * count, count)]
    for thread in threads:
        thread.start()
    taken: list[int] = []
    while len(taken) < 4 * count:
        taken += [write.number for write in take(backlog) if isinstance(write, Urgent)]
    assert sorted(taken) == list(range(4 * count))
