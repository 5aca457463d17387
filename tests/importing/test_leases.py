from pathlib import Path

import pytest

from importer.cleaning import clean_up
from importer.command.by_command import begin
from importer.files import make_folder
from importer.models import Duplicates, Import, State
from importer.staging.events import WAITING
from importer.staging.lease import LEASE, LeaseImport, RenewLease
from importer.staging.stage import StageBatch
from mail import clock
from tests.importing.mailfiles import mbox, run, uploaded
from tests.world.world import World


@pytest.mark.only_database("postgresql")
def test_a_lease_goes_by_the_clock_that_all_workers_share(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite has no other than the machine's, and all of its workers are there."""
    row = uploaded(world.alice, "a.mbox", mbox([1]))
    token = world.writer.submit(LeaseImport(row.pk, row.account_id)).result()
    now = clock.now
    with monkeypatch.context() as fast:
        fast.setattr(clock, "now", lambda: now() + clock.HOUR)
        assert world.writer.submit(LeaseImport(row.pk, row.account_id)).result() == 0
        for write in (RenewLease(row.pk, token), StageBatch(row.pk, token, after=0, position=1)):
            world.writer.submit(write).result()
            row.refresh_from_db()
            assert row.lease_until <= now() + LEASE + clock.MINUTE


def _lease(world: World, row: Import) -> int:
    return int(world.writer.submit(LeaseImport(row.pk, row.account_id)).result())


def _steps(row: Import) -> list[str]:
    return [
        data["title"]
        for data in row.events.filter(kind="step").order_by("seq").values_list("data", flat=True)
    ]


def test_what_is_brought_in_twice_at_once_comes_once(world: World) -> None:
    inbox = {"*": "Inbox"}
    first, second = (
        uploaded(world.alice, name, mbox(range(3)), mapping=inbox) for name in ("a.mbox", "b.mbox")
    )
    token = _lease(world, first)
    for _ in range(2):
        assert _lease(world, second) == 0
    assert _steps(second) == [WAITING]
    Import.objects.filter(pk=first.pk).update(lease_until=0)
    assert run(world, first).messages == 3
    assert token
    second = run(world, second)
    assert (second.messages, second.skipped) == (0, 3)
    assert _steps(second)[:2] == [WAITING, "Bringing in the mail"]
    assert len(world.messages(world.alice)) == 3


def test_imports_that_can_not_meet_run_beside_each_other(world: World) -> None:
    first = uploaded(world.alice, "a.mbox", mbox([1]))
    others = [
        uploaded(world.bob, "a.mbox", mbox([1])),
        uploaded(world.alice, "b.mbox", mbox([1]), duplicates="keep"),
        uploaded(world.alice, "c.mbox", mbox([1]), preview=True),
    ]
    assert all(_lease(world, row) for row in (first, *others))


@pytest.mark.only_database("postgresql")
def test_a_command_that_died_loses_its_import_when_its_lease_ends_by_that_clock(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, _ = begin(world.alice, Path("/dev/null"), Duplicates.KEEP, "", {})
    (make_folder(row.token) / "lock").touch()
    now = clock.now
    with monkeypatch.context() as fast:
        fast.setattr(clock, "now", lambda: now() + clock.HOUR)
        clean_up()
        row.refresh_from_db()
        assert row.state == State.RUNNING
    world.clock.advance(LEASE + clock.SECOND)
    clean_up()
    row.refresh_from_db()
    assert row.state == State.ABORTED
