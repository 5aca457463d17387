"""Which commits wait for the disk."""

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import pytest
from django.db import connection

from mail.store.write import Transaction, Write, applies
from mail.store.writer import CommitUnknown
from tests.world.world import World


@dataclass(frozen=True, slots=True)
class AskHowLasting(Write):
    """Changes something, and gives PostgreSQL's setting for the commit it is in."""


@dataclass(frozen=True, slots=True)
class AskInPassing(AskHowLasting):
    """The same, without a promise."""

    is_promise: ClassVar[bool] = False


@applies(AskInPassing)
@applies(AskHowLasting)
def ask(current: Transaction, writes: Sequence[AskHowLasting]) -> list[str]:
    if connection.vendor == "postgresql":
        return [str(current.rows("SHOW synchronous_commit")[0][0]) for _ in writes]
    current.run("UPDATE mail_sequence SET next = next + 1")
    return ["" for _ in writes]


@pytest.mark.only_database("postgresql")
def test_only_a_promise_waits_for_the_disk(world: World) -> None:
    for _ in range(2):
        assert world.writer.submit(AskInPassing()).result() == "off"
        assert world.writer.submit(AskHowLasting()).result() == "on"


class Disk:
    """Stands before the real one: says what was synced, and how much of the log there was by then."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.logs: list[int] = []
        self.reached = threading.Event()
        self.ready = threading.Event()
        self.ready.set()
        self.fails = False
        self._sync = os.fdatasync
        monkeypatch.setattr(os, "fdatasync", self._fdatasync)

    def _fdatasync(self, file: int) -> None:
        assert os.readlink(f"/proc/self/fd/{file}").endswith("-wal")
        self.reached.set()
        assert self.ready.wait(60)
        if self.fails:
            raise OSError(5, "Input/output error")
        self._sync(file)
        self.logs.append(os.fstat(file).st_size)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


@pytest.mark.only_database("sqlite")
def test_a_promise_is_kept_when_the_log_with_it_is_on_disk(world: World, disk: Disk) -> None:
    world.writer.submit(AskInPassing()).result()
    assert disk.logs == []
    world.writer.submit(AskHowLasting()).result()
    log = os.path.getsize(f"{connection.settings_dict['NAME']}-wal")
    assert disk.logs == [log]
    world.writer.submit(AskInPassing()).result()
    assert disk.logs == [log]


@pytest.mark.only_database("sqlite")
def test_others_write_while_a_promise_waits_for_the_disk(world: World, disk: Disk) -> None:
    disk.ready.clear()
    promised = world.writer.submit(AskHowLasting())
    try:
        assert disk.reached.wait(60)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE mail_sequence SET next = next + 1")
        assert not promised.done()
    finally:
        disk.ready.set()
    promised.result(timeout=60)


@pytest.mark.only_database("sqlite")
def test_a_promise_that_the_disk_did_not_keep_is_none(world: World, disk: Disk) -> None:
    disk.fails = True
    with pytest.raises(CommitUnknown):
        world.writer.submit(AskHowLasting()).result(timeout=60)
    disk.fails = False
    world.writer.submit(AskHowLasting()).result(timeout=60)
