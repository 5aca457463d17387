"""Collecting what a run has read into commits, of which some are on their way while the next is filled."""

from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from importer.engine.doubles import Double, Doubles
from importer.models import Import
from importer.staging.events import News
from importer.staging.learn import Learned, LearnFlags
from importer.staging.stage import MergeFlags, StageBatch, Staged
from mail.store.writer import Writer

BYTES = 2 << 20
"""A commit of so much holds up others for a few hundredths of a second."""

MESSAGES = 400

_AHEAD = 3
"""Batches on their way: enough to read on while the disk takes its time."""


@dataclass(slots=True)
class _Filling:
    staged: list[Staged] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)
    merges: list[MergeFlags] = field(default_factory=list)
    bytes: int = 0
    skipped: int = 0
    problems: int = 0


class Batches:
    """Fills batches and hands them to the writer. For one thread."""

    def __init__(self, writer: Writer, row: Import, token: int, doubles: Doubles | None) -> None:
        self._writer = writer
        self._import_id = row.pk
        self._position = row.position
        self._token = token
        self._doubles = doubles
        self._filling = _Filling()
        self._under_way: deque[tuple[Future[Any], _Filling]] = deque()
        self._fresh: set[int] = set()

    @property
    def is_full(self) -> bool:
        """Whether the batch should be committed."""
        return self._filling.bytes >= BYTES or len(self._filling.staged) >= MESSAGES

    def target(self, name: str) -> None:
        """A mailbox of this name shall be there."""
        self._filling.targets.append(name)

    def message(self, staged: Staged, key: int = 0) -> None:
        """A message to bring in. `key` is that of `Doubles`, and no other fresh message has it."""
        filling = self._filling
        filling.staged.append(staged)
        filling.bytes += sum(map(len, staged.content.chunks))
        if self._doubles is not None:
            filling.keys.append(key)
            self._fresh.add(key)

    def skipped(self) -> None:
        """A message was left out because its mailbox holds it."""
        self._filling.skipped += 1

    def merge(self, double: Double, flags: int, keywords: tuple[str, ...]) -> None:
        """A message was left out and passes its flags on."""
        self._filling.merges.append(MergeFlags(double.message_id, flags, keywords))

    def problem(self) -> None:
        """Something can't be taken over."""
        self._filling.problems += 1

    def is_fresh(self, key: int) -> bool:
        """Whether a message with this key was handed in and is not known to be committed yet."""
        return key in self._fresh

    def commit(self, position: int, news: tuple[News, ...]) -> None:
        """Hand the batch in, once few are on their way. Raises LeaseLost or OverQuota."""
        while len(self._under_way) >= _AHEAD or (self._under_way and self._under_way[0][0].done()):
            self._settle_first()
        filled, self._filling = self._filling, _Filling()
        write = StageBatch(
            self._import_id,
            self._token,
            self._position,
            position,
            tuple(filled.staged),
            tuple(filled.targets),
            tuple(filled.merges),
            filled.skipped,
            filled.problems,
            news,
        )
        self._position = position
        self._under_way.append((self._writer.submit(write), filled))

    def settle(self) -> None:
        """Wait for the commits under way. Raises LeaseLost or OverQuota."""
        while self._under_way:
            self._settle_first()

    def _settle_first(self) -> None:
        future, filled = self._under_way.popleft()
        rows = future.result()
        if self._doubles is not None:
            self._doubles.add(
                (key, message, content, each.content.sha256)
                for key, each, (content, message) in zip(filled.keys, filled.staged, rows, strict=True)
            )
            self._fresh.difference_update(filled.keys)

    def learned(self, learned: Learned) -> None:
        """Flags of a message that is committed. Raises LeaseLost."""
        self._writer.submit(LearnFlags(self._import_id, self._token, (learned,))).result()
