"""What people are told while an import runs: counts now and then, problems as they come."""

from collections.abc import Callable
from dataclasses import dataclass

from importer.formats.source import Source, SourceProblem
from importer.staging.events import COUNT, PROBLEM, PROBLEMS_SHOWN, STEP, News
from mail import clock

EVERY_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. Bytes are those of the source's file.

    `is_looking` while it only looks through the source for its folders, before it brings anything in.
    """

    messages: int
    position: int
    size: int
    is_looking: bool = False


Told = Callable[[Progress, tuple[News, ...]], None]
"""Called after each commit, and while folders are looked for; for a bar on a terminal."""


class Reporter:
    """Collects news until the next commit takes them along."""

    def __init__(self, source: Source, counts: dict[str, int], problems: int) -> None:
        self._source = source
        self._counts = counts
        self._changed: set[str] = set()
        self._news: list[News] = []
        self._problems = problems
        self._next = 0.0

    @property
    def is_due(self) -> bool:
        """Whether people should hear something again."""
        return clock.monotonic() >= self._next

    def counted(self, mailbox: str, messages: int = 1) -> None:
        """The mailbox has so many messages more."""
        self._counts[mailbox] = self._counts.get(mailbox, 0) + messages
        self._changed.add(mailbox)

    def problem(self, problem: SourceProblem) -> None:
        """Something can't be taken over."""
        self._problems += 1
        if self._problems <= PROBLEMS_SHOWN:
            self._news.append(News(PROBLEM, {"message": str(problem)}))
        elif self._problems == PROBLEMS_SHOWN + 1:
            self._news.append(News(PROBLEM, {"message": "There are more problems; they are only counted."}))

    def step(self, title: str) -> None:
        """Something else begins."""
        self._news.append(News(STEP, {"title": title}))

    def take(self, *, final: bool = False) -> tuple[News, ...]:
        """The news for the next commit. Counts are among them a few times a second."""
        if final or self.is_due:
            self._next = clock.monotonic() + EVERY_SECONDS
            self._news += [News(COUNT, self._count(mailbox)) for mailbox in sorted(self._changed)]
            self._changed.clear()
        news = tuple(self._news)
        self._news.clear()
        return news

    def progress(self) -> Progress:
        """Where the run is."""
        return Progress(sum(self._counts.values()), self._source.position, self._source.size)

    def _count(self, mailbox: str) -> dict[str, object]:
        return {
            "mailbox": mailbox,
            "count": self._counts[mailbox],
            "messages": sum(self._counts.values()),
            "position": self._source.position,
            "size": self._source.size,
        }
