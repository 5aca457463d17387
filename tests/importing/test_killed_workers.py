"""Background workers as users start them, killed while they bring mail in."""

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from django.conf import settings

from importer.models import Import, State
from mail.store.writer import stop_writer
from tests.importing.mailfiles import everything, kinds, mbox, run, uploaded
from tests.world.waiting import wait_until
from tests.world.workers import ProcessUnderTest
from tests.world.world import World

pytestmark = [pytest.mark.only_database("sqlite"), pytest.mark.long]

INTO = {"*": "Travel"}
KILLS = 2


@contextmanager
def background_worker(world: World) -> Iterator[ProcessUnderTest]:
    """manage.py runworker --jobs background, on the same data as this process."""
    command = [sys.executable, "manage.py", "runworker", "--jobs", "background"]
    environment = world.child_environment(MOXSITE_DATA=str(settings.DATA))
    worker = ProcessUnderTest(command, environment, world.folder / "worker.log")
    try:
        yield worker
    finally:
        worker.stop()


def test_the_next_worker_goes_on_and_ends_with_the_same_mailbox(world: World) -> None:
    data = mbox(range(3000), size=2000)
    expected = everything_of(world, run(world, uploaded(world.bob, "x.mbox", data, mapping=INTO)))
    row = uploaded(world.alice, "x.mbox", data, mapping=INTO)
    stop_writer()
    moments = random.Random(3)
    for _ in range(KILLS):
        wanted = position(row) + moments.randrange(200, 1000)
        with background_worker(world) as worker:
            wait_until(partial(is_behind, row, wanted), "it goes on")
            worker.kill()
        assert everything(world.alice) == [] or state(row) == State.DONE
    with background_worker(world):
        wait_until(lambda: state(row) == State.DONE, "the import is done")
    assert everything(world.alice) == expected
    assert kinds(row).count("done") == 1


def everything_of(world: World, row: Import) -> list[tuple[object, ...]]:
    assert row.state == State.DONE
    return everything(row.account)


def is_behind(row: Import, wanted: int) -> bool:
    return position(row) >= wanted or state(row) == State.DONE


def position(row: Import) -> int:
    return int(Import.objects.get(pk=row.pk).position)


def state(row: Import) -> str:
    return str(Import.objects.get(pk=row.pk).state)
