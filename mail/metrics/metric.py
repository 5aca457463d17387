"""Counters, gauges and histograms of one process: dictionaries, nothing more.

Changing a value takes one step of the interpreter (a += on an existing entry of a dictionary or list whose
key is made of strings), between whose parts CPython with its global lock does not change threads. So there
is no lock of our own, neither for counting nor for reading, and any thread or event loop may count. Who
reads takes a copy of the dictionary first, which is one step as well; a list of its items is not, because
each of them may begin a collection of garbage, in which other threads may go on.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from typing import Final, Literal, Protocol

Labels = tuple[str, ...]
Kind = Literal["counter", "gauge", "histogram"]

MOST_SERIES: Final = 500
"""Sets of label values that a metric may have; what comes later counts as OTHER."""

OTHER: Final = "other"


class Metric(Protocol):
    """What all kinds have in common. `samples` are copies that can be written as JSON."""

    @property
    def name(self) -> str: ...

    @property
    def meaning(self) -> str: ...

    @property
    def labels(self) -> Labels: ...

    @property
    def kind(self) -> Kind: ...

    def samples(self) -> list[tuple[Labels, float | list[float]]]: ...


class Counter:
    """Goes up only. `add` takes one value for each label, in order."""

    kind: Kind = "counter"

    def __init__(self, name: str, meaning: str, labels: Sequence[str] = ()) -> None:
        self.name, self.meaning, self.labels = name, meaning, tuple(labels)
        self._values: defaultdict[Labels, float] = defaultdict(float)

    def add(self, *values: str, amount: float = 1) -> None:
        """Count."""
        if values not in self._values:
            values = _bounded(values, self.labels, len(self._values))
        self._values[values] += amount

    def samples(self) -> list[tuple[Labels, float | list[float]]]:
        """What was counted, by label values."""
        return list(self._values.copy().items())


class Gauge:
    """Goes up and down. The values of several processes are added."""

    kind: Kind = "gauge"

    def __init__(self, name: str, meaning: str, labels: Sequence[str] = ()) -> None:
        self.name, self.meaning, self.labels = name, meaning, tuple(labels)
        self._values: defaultdict[Labels, float] = defaultdict(float)

    def add(self, *values: str, amount: float = 1) -> None:
        """Change by an amount."""
        if values not in self._values:
            values = _bounded(values, self.labels, len(self._values))
        self._values[values] += amount

    def set(self, *values: str, to: float) -> None:
        """Put a value in place of the one there is."""
        if values not in self._values:
            values = _bounded(values, self.labels, len(self._values))
        self._values[values] = to

    def samples(self) -> list[tuple[Labels, float | list[float]]]:
        """The values now."""
        return list(self._values.copy().items())


class Histogram:
    """How often a value fell into which range. `buckets` are their upper limits, in ascending order.

    A sample is a list: how many fell into each bucket (not cumulative), how many above all, and the sum.
    """

    kind: Kind = "histogram"

    def __init__(self, name: str, meaning: str, labels: Sequence[str], buckets: Sequence[float]) -> None:
        self.name, self.meaning, self.labels = name, meaning, tuple(labels)
        self.buckets = tuple(buckets)
        self._cells: dict[Labels, list[float]] = {}

    def observe(self, *values: str, amount: float) -> None:
        """Note one value, given as `amount`, under the label values."""
        self.series(*values).observe(amount)

    def series(self, *values: str) -> "Series":
        """What is noted under these label values, for who does it often."""
        cell = self._cells.get(values)
        if cell is None:
            values = _bounded(values, self.labels, len(self._cells))
            cell = self._cells.setdefault(values, [0.0] * (len(self.buckets) + 2))
        return Series(self.buckets, cell)

    def samples(self) -> list[tuple[Labels, float | list[float]]]:
        """What was noted, by label values."""
        return [(values, cell.copy()) for values, cell in self._cells.copy().items()]


class Series:
    """One set of label values of a histogram."""

    __slots__ = ("_buckets", "_cell")

    def __init__(self, buckets: tuple[float, ...], cell: list[float]) -> None:
        self._buckets, self._cell = buckets, cell

    def observe(self, amount: float) -> None:
        """Note one value."""
        cell = self._cell
        cell[bisect_left(self._buckets, amount)] += 1
        cell[-1] += amount


def _bounded(values: Labels, labels: Labels, series: int) -> Labels:
    """The label values for a new series. Peers choose some of them, and must not fill the memory."""
    if len(values) != len(labels):
        raise TypeError(f"{len(labels)} label values are needed: {', '.join(labels)}")
    return values if series < MOST_SERIES else (OTHER,) * len(labels)
