"""Which commits wait for the disk."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import pytest
from django.db import connection

from mail.store.write import Transaction, Write, applies
from tests.world.world import World


@dataclass(frozen=True, slots=True)
class AskHowLasting(Write):
    """Gives the database's setting for the commit it is in."""


@dataclass(frozen=True, slots=True)
class AskInPassing(AskHowLasting):
    """The same, without a promise."""

    is_promise: ClassVar[bool] = False


@applies(AskInPassing)
@applies(AskHowLasting)
def ask(current: Transaction, writes: Sequence[AskHowLasting]) -> list[str]:
    question = "PRAGMA synchronous" if connection.vendor == "sqlite" else "SHOW synchronous_commit"
    return [str(current.rows(question)[0][0]) for _ in writes]


def test_only_a_promise_waits_for_the_disk(world: World) -> None:
    waits, does_not = ("2", "1") if connection.vendor == "sqlite" else ("on", "off")
    for _ in range(2):
        assert world.writer.submit(AskInPassing()).result() == does_not
        assert world.writer.submit(AskHowLasting()).result() == waits


@dataclass(frozen=True, slots=True)
class StageMuch(Write):
    """So much that the log is written back behind it, which the database does not allow from here on."""

    is_promise: ClassVar[bool] = False

    @property
    def weight(self) -> int:
        return 9 << 20


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
    assert world.writer.submit(AskHowLasting()).result(timeout=60) == "2"
    assert "the log of the database was not written back" in caplog.text
