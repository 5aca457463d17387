"""Runs of imports that end like a process that is killed: between two steps, with nothing tidied up."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from importer.files import holder_died
from importer.jobs import work
from importer.models import Import
from importer.staging.lease import LeaseImport
from mail.store.write import Write
from mail.store.writer import Writer
from tests.world.world import World


class Killed(BaseException):
    """The process is gone."""


class DyingWriter:
    """A writer whose process dies at the write number `last`: before it is handed in, or after its commit.

    `meanwhile` is called there instead, if it is given.
    """

    def __init__(
        self,
        writer: Writer,
        last: int = 0,
        *,
        after: bool = False,
        meanwhile: Callable[[], None] | None = None,
    ) -> None:
        self._writer = writer
        self._last = last
        self._after = after
        self._meanwhile = meanwhile
        self.count = 0

    def submit(self, write: Write) -> "Future[Any]":
        self.count += 1
        if self.count != self._last:
            return self._writer.submit(write)
        if self._meanwhile is not None:
            self._meanwhile()
            return self._writer.submit(write)
        if self._after:
            self._writer.submit(write).result()
        raise Killed


def run_with(world: World, row: Import, writer: DyingWriter) -> None:
    """What a worker does, as far as it comes."""
    token = world.writer.submit(LeaseImport(row.pk, row.account_id, holder_died(row.token))).result()
    assert token, row.state
    try:
        work(row.pk, token, writer, threading.Event())  # type: ignore[arg-type]
    except Killed:
        pass
    row.refresh_from_db()
