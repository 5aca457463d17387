"""What commits did not wait for is put in its place behind them, and SQLite's log does not grow for ever."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.db import connection
from django.db.backends.signals import connection_created

from mail.store.chunks import StoreChunks
from mail.store.layout import CHUNK_SIZE
from mail.store.write import Transaction, Write, applies
from tests.world.letters import accept_letter, letter
from tests.world.waiting import wait_until
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")


@dataclass(frozen=True, slots=True)
class Staged(Write):
    """Nothing, as if it were `size` bytes that no commit waits for."""

    is_promise: ClassVar[bool] = False

    size: int

    @property
    def weight(self) -> int:
        return self.size


@applies(Staged)
def stage(current: Transaction, writes: Sequence[Staged]) -> list[None]:
    return [None] * len(writes)


def store_ahead(world: World, count: int) -> None:
    """So many chunks, one a commit."""
    content = None
    for position in range(count):
        content = world.writer.submit(StoreChunks(content, position, (bytes(CHUNK_SIZE),))).result()


def database_size() -> int:
    return Path(connection.settings_dict["NAME"]).stat().st_size


def log_number() -> int:
    """It counts how often the log began anew (SQLite's file format, section 4.1)."""
    header = Path(f"{connection.settings_dict['NAME']}-wal").read_bytes()[:32]
    return int.from_bytes(header[12:16])


def test_what_was_stored_ahead_goes_to_its_place_behind_the_writer(world: World) -> None:
    before = database_size()
    store_ahead(world, 36)
    wait_until(lambda: database_size() > before + (8 << 20), "the log is written back")


def test_the_log_begins_anew_now_and_then(world: World) -> None:
    world.alice  # noqa: B018
    store_ahead(world, 2)
    numbers = [log_number()]
    for megabytes in (1, 65):
        world.writer.submit(Staged(megabytes << 20)).result()
        world.writer.submit(accept_letter(letter(), world.alice)).result()
        numbers.append(log_number() - numbers[0])
    assert numbers[1:] == [0, 1]


@pytest.fixture
def _nothing_is_written_back() -> Iterator[None]:
    """The connections of this test can't do it."""

    def forbid(sender: object, connection: Any, **_: object) -> None:
        connection.connection.set_authorizer(_no_checkpoint)

    connection_created.connect(forbid)
    yield
    connection_created.disconnect(forbid)


def _no_checkpoint(action: int, argument: str | None, *_: object) -> int:
    return sqlite3.SQLITE_DENY if argument == "wal_checkpoint" else sqlite3.SQLITE_OK


@pytest.mark.usefixtures("_nothing_is_written_back")
@pytest.mark.parametrize("megabytes", [9, 65])
def test_the_writer_goes_on_when_the_log_cant_be_written_back(
    world: World, caplog: pytest.LogCaptureFixture, megabytes: int
) -> None:
    world.writer.submit(Staged(megabytes << 20)).result()
    accepted = world.writer.submit(accept_letter(letter(), world.alice))
    assert accepted.result(timeout=60).placements
    wait_until(lambda: "the log of the database was not written back" in caplog.text, "a warning")
