from pathlib import Path

import pytest

from importer.cleaning import clean_up
from importer.command.by_command import begin
from importer.files import make_folder
from importer.models import Duplicates, State
from importer.staging.lease import LEASE, LeaseImport, RenewLease
from importer.staging.stage import StageBatch
from mail import clock
from tests.importing.mailfiles import mbox, uploaded
from tests.world.world import World


@pytest.mark.only_database("postgresql")
def test_a_lease_goes_by_the_clock_that_all_workers_share(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite has no other than the machine's, and all of its workers are there."""
    row = uploaded(world.alice, "a.mbox", mbox([1]))
    token = world.writer.submit(LeaseImport(row.pk)).result()
    now = clock.now
    with monkeypatch.context() as fast:
        fast.setattr(clock, "now", lambda: now() + clock.HOUR)
        assert world.writer.submit(LeaseImport(row.pk)).result() == 0
        for write in (RenewLease(row.pk, token), StageBatch(row.pk, token, after=0, position=1)):
            world.writer.submit(write).result()
            row.refresh_from_db()
            assert row.lease_until <= now() + LEASE + clock.MINUTE


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
