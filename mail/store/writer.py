"""The one thread of this process that writes mail to the database.

Writes are values. Those that wait together are applied together: one transaction, one statement per
table, one sync of the disk. Whoever submits one gets a future that is done when the commit is on disk.
"""

import logging
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from typing import Any

from django.db import Error, InterfaceError, OperationalError, connection, transaction

from mail.database.syncing import CommitLog
from mail.database.turns import turn_to_write
from mail.store.backlog import Backlog, Pending
from mail.store.ids import IdBlock
from mail.store.write import Locks, Transaction, Write, appliers
from mail.store.write_back import WriteBack

log = logging.getLogger(__name__)

_TRIES = 5
# deadlock detected, serialization failure (PostgreSQL)
_REPEATABLE = {"40P01", "40001"}
# operator intervention, connection exception (PostgreSQL)
_SERVER_GONE = ("57P", "08")


class WriterStopped(RuntimeError):
    """The process is ending; nothing more is written."""


class CommitUnknown(RuntimeError):
    """The connection was lost during the commit, or the disk failed: it may have happened or not.

    It is not repeated, because what did happen would then be there twice. Whoever waits for it fails for now.
    """


class Writer:
    """A queue of writes and the thread that commits them in batches."""

    def __init__(self) -> None:
        self._backlog = Backlog()
        self._ids = IdBlock()
        self._write_back = WriteBack()
        self._stopped = False
        self._thread = threading.Thread(target=self._work, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, write: Write, future: "Future[Any] | None" = None) -> "Future[Any]":
        """Hand in a write. The future gives its result after the commit, or the exception that refused it.

        Raises WriterStopped after `stop`.
        """
        if self._stopped:
            raise WriterStopped
        future = Future() if future is None else future
        self._backlog.put((write, future))
        return future

    @property
    def backlog(self) -> int:
        """How many writes wait that have not been begun."""
        return len(self._backlog)

    def stop(self) -> None:
        """Commit what was handed in, then end the thread."""
        self._stopped = True
        self._backlog.end()
        self._thread.join()

    def _work(self) -> None:
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA cache_size = -8000")
                # What a statement changed is kept until it ends; of few pages that is no file's work.
                cursor.execute("PRAGMA temp_store = MEMORY")
        self._commit_log = CommitLog()
        while self._backlog.wait():
            # What comes in while other processes write goes with the first: the fewer commits, the cheaper.
            with turn_to_write():
                self._commit(self._backlog.take())
        self._write_back.stop()
        self._commit_log.close()
        connection.close()

    def _commit(self, batch: list[Pending]) -> None:
        try:
            results = self._apply([write for write, _ in batch])
        except CommitUnknown as error:
            log.error(
                "a commit was cut off", exc_info=error.__cause__, extra={"fields": {"writes": len(batch)}}
            )
            for _, future in batch:
                _settle(future, error)
            return
        except Exception as error:
            self._retry_alone(batch, error)
            return
        for (_, future), result in zip(batch, results, strict=True):
            _settle(future, result)
        self._write_back.note(sum(write.weight for write, _ in batch if not write.is_promise))

    def _retry_alone(self, batch: list[Pending], error: Exception) -> None:
        """One faulty write must not fail its neighbours."""
        if len(batch) == 1:
            log.error(
                "a write failed", exc_info=error, extra={"fields": {"kind": type(batch[0][0]).__name__}}
            )
            _settle(batch[0][1], error)
            return
        for item in batch:
            self._commit([item])

    def _apply(self, writes: Sequence[Write]) -> list[Any]:
        for attempt in range(1, _TRIES + 1):
            applied = False
            try:
                lasting = any(write.is_promise for write in writes)
                self._write_back.takes_over(not lasting)
                with transaction.atomic(), connection.cursor() as cursor:
                    if not lasting and connection.vendor == "postgresql":
                        cursor.execute("SET LOCAL synchronous_commit = off")
                    results = _apply_by_kind(Transaction(cursor, self._ids), writes)
                    applied = True
                if lasting:
                    self._sync()
                return results
            except Error as error:
                self._ids.forget()
                lost = _lost_connection(error)
                if lost and applied:
                    raise CommitUnknown from error
                if attempt == _TRIES or not (lost or _is_repeatable(error)):
                    raise
            except Exception:
                self._ids.forget()
                raise
        raise AssertionError("not reached")

    def _sync(self) -> None:
        """Keep a promise. Others write meanwhile: this may take as long as all the rest of a commit."""
        try:
            self._commit_log.sync()
        except OSError as error:
            raise CommitUnknown from error


def _apply_by_kind(current: Transaction, writes: Sequence[Write]) -> list[Any]:
    groups: dict[type[Write], list[int]] = {}
    for index, write in enumerate(writes):
        groups.setdefault(type(write), []).append(index)
    by_kind = {kind: [writes[index] for index in indexes] for kind, indexes in groups.items()}
    current.lock(_all_locks(by_kind.items()))
    results: list[Any] = [None] * len(writes)
    for kind, indexes in groups.items():
        for index, result in zip(indexes, appliers[kind].apply(current, by_kind[kind]), strict=True):
            results[index] = result
    return results


def _all_locks(by_kind: Iterable[tuple[type[Write], list[Write]]]) -> Locks:
    union = Locks()
    for kind, writes in by_kind:
        needs = appliers[kind].needs
        if needs is not None:
            locks = needs(writes)
            union.accounts |= locks.accounts
            union.mailboxes |= locks.mailboxes
            union.recipients |= locks.recipients
    return union


def _settle(future: "Future[Any]", result: Any) -> None:
    if not future.set_running_or_notify_cancel():
        return
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)


def _is_repeatable(error: Error) -> bool:
    """Whether the database gave the batch up in favour of another; the same batch may be tried again."""
    return _state(error) in _REPEATABLE


def _lost_connection(error: Error) -> bool:
    """Whether the database server has gone. The connection is then closed, and the next use opens another."""
    if connection.vendor == "sqlite" or not isinstance(error, OperationalError | InterfaceError):
        return False
    state = _state(error)
    if state and not state.startswith(_SERVER_GONE):
        return False
    connection.close()
    return True


def _state(error: Error) -> str:
    """The SQLSTATE; empty when the server said nothing, as when the connection broke."""
    return getattr(error.__cause__, "sqlstate", None) or ""


_writer: Writer | None = None
_starting = threading.Lock()


def writer() -> Writer:
    """The writer of this process, started at its first use."""
    global _writer
    if _writer is None:
        with _starting:
            if _writer is None:
                _writer = Writer()
    return _writer


def stop_writer() -> None:
    """Commit what is pending and end the thread. A later `writer()` starts a new one."""
    global _writer
    with _starting:
        if _writer is not None:
            _writer.stop()
            _writer = None
