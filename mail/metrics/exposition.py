"""The values in the text format that Prometheus reads."""

import itertools
from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.core import (
    Metric as Family,
)
from prometheus_client.registry import Collector

from mail.metrics.metric import Histogram, Metric
from mail.metrics.sums import Sums, Value

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def exposition(metrics: Iterable[Metric], sums: Sums) -> bytes:
    """The text. A metric that nothing was counted for has its description and, without labels, a zero."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Values(metrics, sums))
    return generate_latest(registry)


class _Values(Collector):
    def __init__(self, metrics: Iterable[Metric], sums: Sums) -> None:
        self._metrics = metrics
        self._sums = sums

    def collect(self) -> Iterator[Family]:
        for metric in self._metrics:
            family = _family(metric)
            series = dict(self._sums.get(metric.name, {}))
            if not metric.labels and not series and not isinstance(metric, Histogram):
                series[()] = 0.0
            for labels, value in series.items():
                if len(labels) == len(metric.labels):
                    _add(family, metric, labels, value)
            yield family


def _family(metric: Metric) -> Family:
    match metric.kind:
        case "counter":
            return CounterMetricFamily(metric.name, metric.meaning, labels=metric.labels)
        case "gauge":
            return GaugeMetricFamily(metric.name, metric.meaning, labels=metric.labels)
        case "histogram":
            return HistogramMetricFamily(metric.name, metric.meaning, labels=metric.labels)


def _add(family: Family, metric: Metric, labels: tuple[str, ...], value: Value) -> None:
    if isinstance(family, HistogramMetricFamily) and isinstance(metric, Histogram):
        if isinstance(value, list) and len(value) == len(metric.buckets) + 2:
            limits = [*map(str, metric.buckets), "+Inf"]
            reached = itertools.accumulate(value[:-1])
            family.add_metric(labels, list(zip(limits, reached, strict=True)), value[-1])
    elif isinstance(family, CounterMetricFamily | GaugeMetricFamily) and not isinstance(value, list):
        family.add_metric(labels, value)
