"""Values of several processes added up, and their form in a file."""

import json
from collections.abc import Iterable, Mapping

from mail.metrics.metric import Labels, Metric

Value = float | list[float]
Sums = dict[str, dict[Labels, Value]]
"""By the name of the metric and its label values."""


def current_sums(metrics: Iterable[Metric]) -> Sums:
    """The values of this process."""
    return {metric.name: dict(metric.samples()) for metric in metrics}


def add(total: Sums, more: Sums, *, only: frozenset[str] | None = None) -> None:
    """Add `more` to `total`; with `only` no other metrics than those.

    A histogram whose buckets were changed begins anew.
    """
    for name, series in more.items():
        if only is not None and name not in only:
            continue
        into = total.setdefault(name, {})
        for labels, value in series.items():
            into[labels] = _sum(into.get(labels), value)


def _sum(one: Value | None, other: Value) -> Value:
    if isinstance(other, list):
        if isinstance(one, list) and len(one) == len(other):
            return [a + b for a, b in zip(one, other, strict=True)]
        return list(other)
    return other + one if isinstance(one, float | int) else other


def encode(sums: Sums, **facts: object) -> bytes:
    """The content of a file: the values, and facts about whose they are."""
    values = {
        name: [[list(labels), value] for labels, value in series.items()] for name, series in sums.items()
    }
    return json.dumps({**facts, "values": values}, separators=(",", ":")).encode()


def decode(data: bytes) -> tuple[Sums, Mapping[str, object]]:
    """Values and facts of a file. Raises ValueError for one that was not written by `encode`."""
    try:
        facts = json.loads(data)
        values: Sums = {
            str(name): {tuple(map(str, labels)): _checked(value) for labels, value in series}
            for name, series in facts.pop("values").items()
        }
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError("not a file of metrics") from error
    return values, facts


def _checked(value: object) -> Value:
    if isinstance(value, list):
        return [float(each) for each in value]
    if isinstance(value, int | float):
        return float(value)
    raise TypeError("not a value of a metric")
