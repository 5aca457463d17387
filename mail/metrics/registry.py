"""All metrics of the program, as its packages define them."""

from collections.abc import Sequence
from typing import TypeVar

from mail.metrics.metric import Counter, Gauge, Histogram, Metric

Defined = TypeVar("Defined", Counter, Gauge, Histogram)

metrics: dict[str, Metric] = {}
"""By name, in the order of their definition."""

SECONDS = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0)
"""Limits for durations of work with other servers."""


def counter(name: str, meaning: str, labels: Sequence[str] = ()) -> Counter:
    """Define a counter; its name ends in _total. Raises ValueError for a name that is taken."""
    return _defined(Counter(name, meaning, labels))


def gauge(name: str, meaning: str, labels: Sequence[str] = ()) -> Gauge:
    """Define a gauge. Raises ValueError for a name that is taken."""
    return _defined(Gauge(name, meaning, labels))


def histogram(
    name: str, meaning: str, labels: Sequence[str] = (), buckets: Sequence[float] = SECONDS
) -> Histogram:
    """Define a histogram of seconds. Raises ValueError for a name that is taken."""
    return _defined(Histogram(name, meaning, labels, buckets))


def _defined(metric: Defined) -> Defined:
    if metric.name in metrics:
        raise ValueError(f"there is a metric {metric.name} already")
    metrics[metric.name] = metric
    return metric
