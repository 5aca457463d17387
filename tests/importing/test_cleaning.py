import threading
from pathlib import Path

import pytest

from importer.cleaning import UNWORKED, WAITING, clean_up
from importer.files import import_folder
from importer.jobs import work
from importer.models import Import, State
from importer.staging.lease import LeaseImport
from importer.staging.undo import UNDO
from mail.models import Mailbox
from tests.importing.mailfiles import brought_in, everything, kinds, mbox, run, uploaded
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")


def test_what_nobody_goes_on_with_ends_and_its_file_goes(world: World) -> None:
    row = run(world, uploaded(world.alice, "x.mbox", mbox([1]), preview=True))
    clean_up()
    assert Path(row.path).exists()
    world.clock.advance(WAITING + world.clock.MINUTE)
    clean_up()
    row.refresh_from_db()
    assert row.state == State.ABORTED
    assert kinds(row)[-1] == "aborted"
    assert not import_folder(row.token).exists()


def test_an_import_whose_file_is_lost_comes_to_an_end(world: World) -> None:
    row = uploaded(world.alice, "x.mbox", mbox([1]))
    Path(row.path).unlink()
    run(world, row)
    assert row.state == State.RUNNING
    world.clock.advance(UNWORKED + world.clock.MINUTE)
    clean_up()
    row.refresh_from_db()
    assert row.state == State.ABORTED
    assert "upload it again" in row.outcome


def test_an_import_that_waits_for_another_one_stays_however_long_that_takes(world: World) -> None:
    first, second = (uploaded(world.alice, name, mbox([1])) for name in ("a.mbox", "b.mbox"))

    def lease(row: Import) -> int:
        return int(world.writer.submit(LeaseImport(row.pk, row.account_id)).result())

    assert lease(first)
    for _ in range(3):
        assert lease(second) == 0
        world.clock.advance(UNWORKED - world.clock.MINUTE)
        token = lease(first)  # its own has ended, and it is taken again
        assert lease(second) == 0
        clean_up()
    second.refresh_from_db()
    assert second.state == State.RUNNING
    work(first.pk, token, world.writer, threading.Event(), lambda *_: None)
    assert run(world, second).state == State.DONE


def test_old_imports_are_forgotten_but_not_their_mail(world: World) -> None:
    brought_in(world, world.alice, "x.mbox", mbox([1]))
    world.clock.advance(UNDO + world.clock.MINUTE)
    clean_up()
    assert not Import.objects.exists()
    assert len(everything(world.alice)) == 1


def test_an_import_that_vanishes_with_its_account_leaves_nothing(world: World) -> None:
    row = uploaded(world.alice, "x.mbox", mbox(range(3)))
    token = world.writer.submit(LeaseImport(row.pk, row.account_id)).result()

    def vanish(*_: object) -> None:
        Import.objects.filter(pk=row.pk).delete()

    work(row.pk, token, world.writer, threading.Event(), vanish)
    assert not import_folder(row.token).exists()
    assert not Mailbox.objects.filter(account=None).exists()
    assert everything(world.alice) == []
