"""What an import would bring, gathered from the events of a source."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from importer.formats.mapping import STANDARD, propose
from importer.formats.source import (
    Event,
    Folder,
    MessageUnreadable,
    Preview,
    Role,
    Source,
    SourceFolder,
    SourceMessage,
    SourceProblem,
)
from mail import clock

PROBLEMS_KEPT = 200
"""Problems that a preview holds in full; it counts all."""


@dataclass(slots=True)
class _Counted:
    format: str
    messages: int = 0
    bytes: int = 0


class PreviewBuilder:
    """Counts what goes by. `prefix` and `mailboxes` as for `propose`."""

    def __init__(
        self, source: Source, *, prefix: str | None = None, mailboxes: Mapping[Role, str] = STANDARD
    ) -> None:
        self._source = source
        self._prefix = prefix
        self._mailboxes = mailboxes
        self._folders: dict[str, _Counted] = {}
        self._oldest: clock.Moment | None = None
        self._newest: clock.Moment | None = None
        self._problems: list[SourceProblem] = []
        self._problem_count = 0

    def add(self, event: Event) -> None:
        """One event. A message counts only once its size is known."""
        if isinstance(event, SourceFolder):
            self._folders[event.path] = _Counted(event.format)
        elif isinstance(event, SourceProblem):
            self._problem_count += 1
            if len(self._problems) < PROBLEMS_KEPT:
                self._problems.append(event)

    def add_size(self, message: SourceMessage, size: int) -> None:
        """A message has been read to its end and has `size` bytes."""
        folder = self._folders[message.folder]
        folder.messages += 1
        folder.bytes += size
        received = message.received
        if received is not None:
            self._oldest = received if self._oldest is None else min(self._oldest, received)
            self._newest = received if self._newest is None else max(self._newest, received)

    def result(self) -> Preview:
        """What has gone by so far."""
        proposal = propose(self._folders, self._prefix, self._mailboxes)
        folders = tuple(
            Folder(
                path,
                counted.format,
                counted.messages,
                counted.bytes,
                proposal.targets[path].mailbox,
                proposal.targets[path].role,
            )
            for path, counted in self._folders.items()
        )
        return Preview(
            formats=self._source.formats,
            folders=folders,
            prefix=proposal.prefix,
            messages=sum(folder.messages for folder in folders),
            bytes=sum(folder.bytes for folder in folders),
            oldest=self._oldest,
            newest=self._newest,
            problems=tuple(self._problems),
            problem_count=self._problem_count,
        )


def preview_source(
    source: Source,
    look: Callable[[SourceMessage, int], None] = lambda message, size: None,
    *,
    prefix: str | None = None,
    mailboxes: Mapping[Role, str] = STANDARD,
) -> Preview:
    """Read a whole source; `look` is called with each message and its size.

    `prefix` and `mailboxes` as for `propose`. Raises SourceError and OSError.
    """
    builder = PreviewBuilder(source, prefix=prefix, mailboxes=mailboxes)
    for event in source.events():
        builder.add(event)
        if isinstance(event, SourceMessage):
            try:
                size = sum(map(len, event.chunks))
            except MessageUnreadable:
                continue
            builder.add_size(event, size)
            look(event, size)
    return builder.result()
