"""Medians with their spread, as lines of a table."""

import statistics
from collections.abc import Sequence


def spread(values: Sequence[float]) -> str:
    """Median (lowest to highest)."""
    return f"{statistics.median(values):,.0f} ({min(values):,.0f}–{max(values):,.0f})"


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of all lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def row(*cells: object) -> None:
    """Print a line of a Markdown table."""
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def head(*cells: str) -> None:
    """Print the first two lines of a Markdown table."""
    row(*cells)
    row(*["---"] * len(cells))
