"""Which writes that wait share a transaction."""

import threading
from concurrent.futures import Future
from dataclasses import dataclass

from mail.store.backlog import MAX_BYTES, MAX_WRITES, Backlog
from mail.store.write import Write


@dataclass(frozen=True, slots=True)
class Numbered(Write):
    number: int = 0
    size: int = 0

    @property
    def weight(self) -> int:
        return self.size


def put(backlog: Backlog, *writes: Write) -> None:
    for write in writes:
        backlog.put((write, Future()))


def take(backlog: Backlog) -> list[Write]:
    """The next batch; nothing at the end."""
    return [write for write, _ in backlog.take()] if backlog.wait() else []


def test_what_waits_is_taken_together_in_its_order() -> None:
    backlog = Backlog()
    put(backlog, Numbered(1), Numbered(2), Numbered(3))
    assert len(backlog) == 3
    assert take(backlog) == [Numbered(1), Numbered(2), Numbered(3)]
    assert len(backlog) == 0


def test_a_batch_has_so_many_writes_at_most() -> None:
    backlog = Backlog()
    put(backlog, *map(Numbered, range(MAX_WRITES + 1)))
    assert take(backlog) == list(map(Numbered, range(MAX_WRITES)))
    assert take(backlog) == [Numbered(MAX_WRITES)]


def test_what_is_too_large_for_a_batch_is_in_the_next_one() -> None:
    backlog = Backlog()
    put(backlog, Numbered(1, 1), Numbered(2, MAX_BYTES), Numbered(3))
    assert take(backlog) == [Numbered(1, 1)]
    assert take(backlog) == [Numbered(2, MAX_BYTES), Numbered(3)]


def test_what_is_too_large_for_any_batch_goes_alone() -> None:
    backlog = Backlog()
    put(backlog, Numbered(1, 2 * MAX_BYTES), Numbered(2))
    assert [take(backlog), take(backlog)] == [[Numbered(1, 2 * MAX_BYTES)], [Numbered(2)]]


def test_at_the_end_all_that_was_put_in_is_taken_first() -> None:
    backlog = Backlog()
    put(backlog, *map(Numbered, range(MAX_WRITES + 1)))
    backlog.end()
    assert [len(take(backlog)) for _ in range(4)] == [MAX_WRITES, 1, 0, 0]


def test_every_write_is_taken_once_whoever_puts_it_in_and_when() -> None:
    backlog = Backlog()
    count = 1000

    def work(first: int) -> None:
        for number in range(first, first + count):
            put(backlog, Numbered(number))

    threads = [threading.Thread(target=work, args=(first,)) for first in range(0, 4 * count, count)]
    for thread in threads:
        thread.start()
    taken: list[int] = []
    while len(taken) < 4 * count:
        taken += [write.number for write in take(backlog) if isinstance(write, Numbered)]
    assert sorted(taken) == list(range(4 * count))
