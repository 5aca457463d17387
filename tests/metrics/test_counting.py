"""Counters, gauges and histograms, and their text for Prometheus."""

import gc
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from mail.metrics.exposition import exposition
from mail.metrics.metric import MOST_SERIES, Counter, Gauge, Histogram, Labels, Metric
from mail.metrics.registry import counter, metrics
from mail.metrics.sums import Sums, Value, add, current_sums, decode, encode


@pytest.fixture
def frequent_switches() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.fixture
def collected_constantly() -> Iterator[list[Callable[[], None]]]:
    """What is done in each collection of garbage, of which nearly each new object begins one."""
    tasks: list[Callable[[], None]] = []

    def work(phase: str, _facts: dict[str, int]) -> None:
        if phase == "start":
            for task in tasks:
                task()

    before = gc.get_threshold()
    gc.callbacks.append(work)
    gc.set_threshold(1)
    yield tasks
    gc.set_threshold(*before)
    gc.callbacks.remove(work)


def samples(*of: Metric) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """What Prometheus reads, by name and labels."""
    text = exposition(of, current_sums(of)).decode()
    families = text_string_to_metric_families(text)
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def test_what_was_counted_is_what_prometheus_reads() -> None:
    letters = Counter("letters_total", 'Letters, "quoted"\nand \\ more.', ("from", "to"))
    letters.add("a", 'b"\n\\c')
    letters.add("a", 'b"\n\\c', amount=2)
    level = Gauge("level", "Level.")
    level.add(amount=5)
    level.add(amount=-2)
    idle = Counter("idle_total", "Nothing yet.")
    assert samples(letters, level, idle) == {
        ("letters_total", (("from", "a"), ("to", 'b"\n\\c'))): 3,
        ("level", ()): 3,
        ("idle_total", ()): 0,
    }
    level.set(to=7)
    assert samples(level) == {("level", ()): 7}


def test_a_histogram_is_cumulative_and_its_limits_belong_to_their_bucket() -> None:
    seconds = Histogram("seconds", "Seconds.", ("code",), (0.1, 1.0))
    for amount in (0.05, 0.1, 0.5, 3.0):
        seconds.observe("250", amount=amount)
    read = samples(seconds)
    buckets = {
        dict(labels)["le"]: value for (name, labels), value in read.items() if name == "seconds_bucket"
    }
    assert buckets == {"0.1": 2, "1.0": 3, "+Inf": 4}
    assert read["seconds_count", (("code", "250"),)] == 4
    assert read["seconds_sum", (("code", "250"),)] == pytest.approx(3.65)


def test_threads_lose_no_count(frequent_switches: None) -> None:
    letters, seconds = Counter("x_total", "X.", ("a",)), Histogram("y", "Y.", ("a",), (1.0,))
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        for number in range(5000):
            letters.add(str(number % 50))
            seconds.observe(str(number % 50), amount=1.0)
            if number % 1000 == 0:
                current_sums([letters, seconds])

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(value for _, value in letters.samples() if isinstance(value, float)) == 40_000
    assert {tuple(value) for _, value in seconds.samples() if isinstance(value, list)} == {(800, 0, 800)}


def _added_to(metric: Counter | Gauge | Histogram, label: str) -> None:
    if isinstance(metric, Histogram):
        metric.observe(label, amount=1.0)
    else:
        metric.add(label)


@pytest.mark.parametrize("kind", [Counter, Gauge, partial(Histogram, buckets=(1.0,))])
def test_a_collection_of_garbage_that_lets_others_count_does_not_disturb_who_reads(
    kind: Callable[[str, str, tuple[str, ...]], Counter | Gauge | Histogram],
    collected_constantly: list[Callable[[], None]],
) -> None:
    metric = kind("x_total", "X.", ("a",))
    for number in range(50):
        _added_to(metric, str(number))
    more = (str(number) for number in count(50))
    collected_constantly.append(lambda: _added_to(metric, next(more)))
    read = metric.samples()
    assert len(metric.samples()) > len(read) >= 50


def test_peers_can_t_fill_the_memory_with_labels() -> None:
    letters = Counter("x_total", "X.", ("a", "b"))
    for number in range(MOST_SERIES + 100):
        letters.add(str(number), "")
    letters.add("0", "")
    found = dict(letters.samples())
    assert len(found) == MOST_SERIES + 1
    assert (found["other", "other"], found["0", ""]) == (100, 2)


def test_wrong_definitions_and_labels_are_errors() -> None:
    with pytest.raises(TypeError, match="2 label values"):
        Counter("x_total", "X.", ("a", "b")).add("1")
    with pytest.raises(ValueError, match="already"):
        counter(next(iter(metrics)), "Twice.")


label_values = st.tuples(st.text(max_size=5), st.text(max_size=5))


@given(
    st.dictionaries(label_values, st.floats(0, 1e9)),
    st.dictionaries(label_values, st.lists(st.floats(0, 1e9), min_size=3, max_size=3)),
)
def test_values_survive_their_file(numbers: dict[Labels, float], cells: dict[Labels, Value]) -> None:
    sums: Sums = {"a": {**numbers}, "b": {**cells}}
    read, facts = decode(encode(sums, pid=3))
    assert (read, facts) == (sums, {"pid": 3})
    add(read, sums)
    assert all(read["a"][labels] == pytest.approx(2 * value) for labels, value in numbers.items())


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"values": {"a": [[["x"], "y"]]}}', b"\xff"])
def test_a_file_that_is_none_of_ours_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a file of metrics"):
        decode(data)
