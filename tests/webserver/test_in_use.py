"""Waiting until edge processes answer by a configuration."""

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from mail.configuration.generation import read_generation
from mail.configuration.snapshots import Snapshots
from mail.models import Domain
from tests.world.telling import telling
from tests.world.world import World
from webserver.in_use import InUse, wait_for_edges

REFUSED = "a reason"


def says(generation: int, refused: str = "") -> dict[str, object]:
    return {"generation": {"generation": generation, "refused": refused}}


def test_where_no_edge_runs_nothing_is_waited_for(tmp_path: Path) -> None:
    waited = wait_for_edges(tmp_path, 7)
    assert (waited.using, waited.others) == (0, {})
    assert waited.sentence == "Every process follows within a second."


def test_all_that_use_it_or_a_later_one_are_counted(tmp_path: Path) -> None:
    with telling(tmp_path, says=says(7), process=1), telling(tmp_path, says=says(8), process=2):
        waited = wait_for_edges(tmp_path, 7)
    assert (waited.using, waited.others) == (2, {})
    assert waited.sentence == "The web uses it now; every other process follows within a second."


def test_those_that_do_not_use_it_in_time_are_named(tmp_path: Path) -> None:
    told = {1: says(7), 23: says(6), 4: says(6, REFUSED), 5: {}}
    with ExitStack() as stack:
        for process, each in told.items():
            stack.enter_context(telling(tmp_path, says=each, process=process))
        waited = wait_for_edges(tmp_path, 7, seconds=0)
    assert waited.using == 1
    assert waited.sentence == (
        "The web does not use it everywhere yet: process 4 stays with the one before (a reason); "
        "process 5 does not say what it uses; process 23 still uses the one before."
    )


def test_nobody_waits_for_one_that_has_refused_it(tmp_path: Path) -> None:
    with telling(tmp_path, says=says(6, REFUSED)):
        assert list(wait_for_edges(tmp_path, 7, seconds=1000).others) == [1]


def test_it_is_waited_for_as_long_as_one_is_behind(tmp_path: Path) -> None:
    with telling(tmp_path, says=InTurn([says(5), says(6), says(7)]), times=3):
        assert wait_for_edges(tmp_path, 7).using == 1


@pytest.mark.only_database("sqlite")
def test_a_process_that_is_asked_looks_at_once(world: World, never_looking: Snapshots) -> None:
    in_use, seen = InUse(never_looking), threading.Event()
    never_looking.on_change(lambda snapshot: seen.set() if snapshot.generation == read_generation() else None)
    seen.clear()
    Domain.objects.create(name="example.com")
    assert asked(in_use) == {"generation": 0, "refused": ""}
    assert seen.wait(60)


@pytest.mark.only_database("sqlite")
def test_a_process_tells_why_it_has_refused_a_configuration(world: World, never_looking: Snapshots) -> None:
    assert world.example_org
    Domain.objects.update(localpart_separators=[""])
    never_looking.refresh_now()
    assert "A separator can't be empty" in asked(InUse(never_looking))["refused"]


@pytest.fixture
def never_looking(world: World) -> Iterator[Snapshots]:
    """Snapshots that are compiled when somebody asks for it."""
    snapshots = Snapshots(poll_seconds=1000)
    snapshots.start()
    yield snapshots
    snapshots.stop()


def asked(in_use: InUse) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(in_use.told(str(read_generation())))
    return told


class InTurn(dict[str, object]):
    """What a process says to one question after the other."""

    def __init__(self, told: list[dict[str, object]]) -> None:
        super().__init__()
        self._told = iter(told)

    def get(self, word: str, default: object = None) -> object:
        return next(self._told).get(word, default)
