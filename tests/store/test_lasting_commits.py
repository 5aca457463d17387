"""Which commits wait for the disk."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from django.db import connection

from mail.store.write import Transaction, Write, applies
from tests.world.world import World


@dataclass(frozen=True, slots=True)
class AskHowLasting(Write):
    """Gives the database's setting for the commit it is in."""

    promised: bool

    @property
    def is_promise(self) -> bool:
        return self.promised


@applies(AskHowLasting)
def ask(current: Transaction, writes: Sequence[AskHowLasting]) -> list[str]:
    question = "PRAGMA synchronous" if connection.vendor == "sqlite" else "SHOW synchronous_commit"
    return [str(current.rows(question)[0][0]) for _ in writes]


def test_only_a_promise_waits_for_the_disk(world: World) -> None:
    waits, does_not = ("2", "1") if connection.vendor == "sqlite" else ("on", "off")
    for promised, expected in ((False, does_not), (True, waits), (False, does_not), (True, waits)):
        assert world.writer.submit(AskHowLasting(promised)).result() == expected


@dataclass(frozen=True, slots=True)
class StageMuch(Write):
    """So much that the log is written back behind it, which the database does not allow from here on."""

    @property
    def weight(self) -> int:
        return 9 << 20

    @property
    def is_promise(self) -> bool:
        return False


@applies(StageMuch)
def stage_much(current: Transaction, writes: Sequence[StageMuch]) -> list[None]:
    connection.connection.set_authorizer(_no_checkpoint)
    return [None] * len(writes)


def _no_checkpoint(action: int, argument: str | None, *_: object) -> int:
    return sqlite3.SQLITE_DENY if argument == "wal_checkpoint" else sqlite3.SQLITE_OK


@pytest.mark.only_database("sqlite")
def test_the_writer_goes_on_when_the_log_cant_be_written_back(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.writer.submit(StageMuch()).result()
    assert world.writer.submit(AskHowLasting(promised=True)).result(timeout=60) == "2"
    assert "the log of the database was not written back" in caplog.text
