"""Paging without counting rows: a page starts where the one before it ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.http import HttpRequest

T = TypeVar("T")

PAGE = 50
HIGHEST = 2**63 - 1
"""The highest number a database column holds."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows, newest first, and whether there are older and newer ones."""

    rows: Sequence[T]
    has_older: bool
    has_newer: bool

    @property
    def last(self) -> T | None:
        """The oldest row of the page."""
        return self.rows[-1] if self.rows else None


def number_of(request: HttpRequest, name: str) -> int | None:
    """A whole number from the query string, or None when it is missing or makes no sense."""
    text = request.GET.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > len(str(HIGHEST)):
        return None
    number = int(text)
    return number if number <= HIGHEST else None


def older_page(rows: Sequence[T], *, from_start: bool) -> Page[T]:
    """A page from up to PAGE + 1 rows in the order they are shown."""
    return Page(rows[:PAGE], has_older=len(rows) > PAGE, has_newer=not from_start)


def newer_page(rows: Sequence[T]) -> Page[T]:
    """A page from up to PAGE + 1 rows, read upwards from where the reader was."""
    return Page(list(reversed(rows[:PAGE])), has_older=True, has_newer=len(rows) > PAGE)
