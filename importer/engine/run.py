"""Bringing the mail of a source into an account: staged out of sight, then revealed by one commit.

Whatever ends it, the import's events end with done or aborted, unless the process ends: then another run goes
on behind the last commit.
"""

import logging
import threading
from collections import Counter
from pathlib import Path

from importer.archive.input import Checkpoint
from importer.engine.batch import Batches
from importer.engine.doubles import Doubles
from importer.engine.flags import stored_flags
from importer.engine.intake import read_content
from importer.engine.lease_keeper import LeaseKeeper
from importer.engine.mapping import Targets, decided_already, proposal_for
from importer.engine.progress import Progress, Reporter, Told
from importer.files import make_folder
from importer.formats.opening import open_source
from importer.formats.source import (
    Event,
    FlagsLearned,
    MessageUnreadable,
    Source,
    SourceFolder,
    SourceMessage,
    SourceProblem,
)
from importer.models import Duplicates, Import
from importer.staging.events import PROBLEM, STEP, News
from importer.staging.learn import Learned
from importer.staging.reveal import RevealImport
from importer.staging.stage import StageBatch, Staged
from mail.store.writer import Writer

log = logging.getLogger(__name__)


def nobody_listens(progress: Progress, news: object) -> None:
    """For runs without a terminal."""


class Run:
    """One run of an import, by the holder of its lease, from where the last one ended."""

    def __init__(
        self,
        row: Import,
        token: int,
        writer: Writer,
        stopping: threading.Event,
        told: Told = nobody_listens,
    ) -> None:
        self._row = row
        self._token = token
        self._writer = writer
        self._keeper = LeaseKeeper(writer, row.pk, token, stopping)
        self._told = told
        self._position = row.position
        self._announced: set[str] = set()
        self._doubles: Doubles | None = None

    def bring_in(self) -> None:
        """Stage everything and reveal it.

        Raises SourceError, OSError, OverQuota, DiskFull, LeaseLost, Stopping: then nothing was revealed.
        """
        row = self._row
        if row.duplicates != Duplicates.KEEP:
            self._doubles = Doubles(make_folder(row.token) / "doubles", self._keeper.went_on)
        try:
            self._targets = self._decide()
            source = self._open(self._keeper.went_on)
            try:
                self._stage(source)
            finally:
                source.close()
            self._writer.submit(RevealImport(row.pk, row.account_id, self._token)).result()
        finally:
            if self._doubles is not None:
                self._doubles.close()

    def _open(self, checkpoint: Checkpoint, *, for_folders: bool = False) -> Source:
        path, name = Path(self._row.path), self._row.name
        return open_source(path, name=name, checkpoint=checkpoint, for_folders=for_folders)

    def _decide(self) -> Targets:
        """Where each folder goes, if nobody has decided it before."""
        row = self._row
        if decided_already(row):
            return Targets(row.mapping)
        news = (News(STEP, {"title": "Looking at what is in it"}),) if not row.position else ()
        self._writer.submit(StageBatch(row.pk, self._token, row.position, row.position, news=news)).result()
        source: Source | None = None

        def went_on() -> None:
            self._keeper.went_on()
            if source is not None:
                self._told(Progress(0, source.position, source.size, is_looking=True), ())

        source = self._open(went_on, for_folders=True)
        try:
            return Targets(row.mapping, proposal_for(row, source))
        finally:
            source.close()

    def _stage(self, source: Source) -> None:
        row = self._row
        counts = dict(row.targets.values_list("name", "messages"))
        self._reporter = Reporter(source, counts, row.problems)
        self._batches = Batches(self._writer, row, self._token, self._doubles)
        # Problems found before the last commit may come again; they are told only once.
        told = row.events.filter(kind=PROBLEM).values_list("data", flat=True)
        self._known_problems = Counter(data["message"] for data in told)
        for event in source.events(after=self._position):
            self._take(event)
            if self._batches.is_full or self._reporter.is_due:
                self._commit()
        self._reporter.step("Showing what was brought in")
        self._commit(final=True)
        self._batches.settle()

    def _take(self, event: Event) -> None:
        match event:
            case SourceMessage():
                self._message(event)
            case SourceFolder():
                self._folder(self._targets.mailbox(event.path))
            case FlagsLearned():
                self._learn(event)
            case SourceProblem():
                self._problem(event)

    def _message(self, message: SourceMessage) -> None:
        target = self._targets.mailbox(message.folder)
        if target:
            self._folder(target)
            try:
                content = read_content(message, self._writer, self._keeper.went_on)
            except MessageUnreadable:
                content = None
            if content is not None:
                flags, keywords = stored_flags(message.flags)
                received = message.received if message.received is not None else self._row.created
                self._place(
                    Staged(
                        message.ordinal, target, content, received, flags, keywords, message.envelope_sender
                    )
                )
        self._position = message.ordinal

    def _place(self, staged: Staged) -> None:
        """Bring it in, unless it is there already and shall not be there twice."""
        doubles, key = self._doubles, 0
        if doubles is not None:
            key = doubles.key(staged.target, staged.content)
            if self._batches.is_fresh(key):
                self._commit()
                self._batches.settle()
            double = doubles.find(key, staged.content)
            if double is not None:
                if self._row.duplicates == Duplicates.MERGE:
                    self._batches.merge(double, staged.flags, staged.keywords)
                self._batches.skipped()
                return
        self._batches.message(staged, key)
        self._reporter.counted(staged.target)

    def _folder(self, target: str) -> None:
        if not target or target in self._announced:
            return
        self._announced.add(target)
        self._batches.target(target)
        self._reporter.counted(target, 0)
        if self._doubles is not None:
            self._doubles.look_into(self._row.account_id, target, self._row.pk)

    def _learn(self, event: FlagsLearned) -> None:
        self._commit()
        self._batches.settle()
        flags, keywords = stored_flags(event.flags)
        self._batches.learned(Learned(event.ordinal, flags, keywords))

    def _problem(self, problem: SourceProblem) -> None:
        if self._known_problems[str(problem)]:
            self._known_problems[str(problem)] -= 1
            return
        self._batches.problem()
        self._reporter.problem(problem)

    def _commit(self, *, final: bool = False) -> None:
        news = self._reporter.take(final=final)
        self._batches.commit(self._position, news)
        self._keeper.committed()
        self._told(self._reporter.progress(), news)
