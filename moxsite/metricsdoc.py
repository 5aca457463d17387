"""docs/metrics.md, made from what the metrics say of themselves."""

from collections.abc import Iterable
from pathlib import Path

from mail.metrics.metric import Histogram, Metric

PAGE = Path(__file__).resolve().parent.parent / "docs" / "metrics.md"

_HEAD = """# Metrics

`/metrics` answers in the text format of Prometheus, and only to programs on this machine: from loopback, by a
name or address of loopback, without a proxy's header. The values are those of all processes since the data
directory was made: what a process counted stays when it ends. Each writes them down every two seconds; one
that is killed takes what it counted since. A metric has at most 500 sets of label values; what comes after
is counted together under `other`.

`docs/moxsite.rules.yml` has alerts for Prometheus.

This page is made from the code: `make docs`.
"""


def metrics_page(metrics: Iterable[Metric]) -> str:
    """The page as Markdown, in alphabetical order."""
    return "\n".join([_HEAD, *(_section(each) for each in sorted(metrics, key=lambda each: each.name))])


def _section(metric: Metric) -> str:
    facts = metric.kind.capitalize()
    if metric.labels:
        facts += f", labels {', '.join(f'`{label}`' for label in metric.labels)}"
    if isinstance(metric, Histogram):
        facts += f", buckets up to {', '.join(f'{limit:g}' for limit in metric.buckets)} s"
    return f"## {metric.name}\n\n{metric.meaning}\n\n{facts}.\n"
