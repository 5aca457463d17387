"""Reading a source for the preview: what there is, where it would go, what is there already."""

import threading
from array import array
from dataclasses import asdict
from pathlib import Path
from typing import Any

from importer.engine.doubles import Doubles, key_of
from importer.engine.lease_keeper import LeaseKeeper
from importer.engine.mapping import own_mailboxes
from importer.engine.progress import EVERY_SECONDS
from importer.files import make_folder
from importer.formats.opening import open_source
from importer.formats.preview import PreviewBuilder
from importer.formats.source import MessageUnreadable, Preview, Source, SourceMessage
from importer.models import Import
from importer.staging.control import FinishScan, TellScan
from importer.staging.events import STEP, News
from mail import clock
from mail.mime.summary import summarize
from mail.store.writer import Writer

PROBLEMS = 200
"""Problems that a preview lists."""


class Scan:
    """One reading of an import's source, by the holder of its lease."""

    def __init__(self, row: Import, token: int, writer: Writer, stopping: threading.Event) -> None:
        self._row = row
        self._token = token
        self._writer = writer
        self._keeper = LeaseKeeper(writer, row.pk, token, stopping)
        self._next = 0.0
        self._messages = 0

    def look(self) -> None:
        """Make the preview and keep it with the import.

        Raises SourceError, OSError, DiskFull, LeaseLost, Stopping.
        """
        doubles = Doubles(make_folder(self._row.token) / "doubles", self._keeper.went_on)
        try:
            preview, keys = self._read()
            data = preview_data(preview)
            data["doubles"] = self._count_doubles(doubles, preview, keys)
        finally:
            doubles.close()
        self._writer.submit(FinishScan(self._row.pk, self._token, data)).result()

    def _read(self) -> tuple[Preview, dict[str, "array[int]"]]:
        source = open_source(Path(self._row.path), name=self._row.name, checkpoint=self._keeper.went_on)
        keys: dict[str, array[int]] = {}
        try:
            builder = PreviewBuilder(
                source, prefix=self._row.prefix or None, mailboxes=own_mailboxes(self._row.account)
            )
            for event in source.events():
                builder.add(event)
                if isinstance(event, SourceMessage):
                    self._measure(builder, event, keys)
                self._tell(source)
            return builder.result(), keys
        finally:
            source.close()

    def _measure(
        self, builder: PreviewBuilder, message: SourceMessage, keys: dict[str, "array[int]"]
    ) -> None:
        try:
            size = sum(map(len, message.chunks))
        except MessageUnreadable:
            return
        builder.add_size(message, size)
        summary = summarize(message.header)
        own = keys.setdefault(message.folder, array("q"))
        own.append(key_of(summary.message_id, summary.date, size))
        self._messages += 1

    def _tell(self, source: Source) -> None:
        if clock.monotonic() < self._next:
            return
        self._next = clock.monotonic() + EVERY_SECONDS
        news = News(
            STEP,
            {
                "title": "Looking at what is in it",
                "messages": self._messages,
                "position": source.position,
                "size": source.size,
            },
        )
        self._writer.submit(TellScan(self._row.pk, self._token, (news,))).result()
        self._keeper.committed()

    def _count_doubles(self, doubles: Doubles, preview: Preview, keys: dict[str, "array[int]"]) -> int:
        """How many seem to be there already, in the mailboxes that are proposed."""
        count = 0
        for folder in preview.folders:
            if not folder.mailbox:
                continue
            doubles.look_into(self._row.account_id, folder.mailbox, self._row.pk)
            for key in keys.get(folder.path, ()):
                count += doubles.is_known(folder.mailbox, key)
        return count


def preview_data(preview: Preview) -> dict[str, Any]:
    """The preview as JSON can hold it."""
    return {
        "formats": list(preview.formats),
        "folders": [asdict(folder) for folder in preview.folders],
        "prefix": preview.prefix,
        "messages": preview.messages,
        "bytes": preview.bytes,
        "oldest": preview.oldest,
        "newest": preview.newest,
        "problems": [str(problem) for problem in preview.problems[:PROBLEMS]],
        "problem_count": preview.problem_count,
    }
