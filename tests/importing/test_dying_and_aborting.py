"""An import that is killed at any moment ends as if it had not been; one that is aborted leaves nothing."""

import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from importer.engine import batch, progress
from importer.models import State
from importer.staging.control import AbortImport
from mail.models import Account, Content, Mailbox, Message
from mail.store.mailboxes import ensure_account_store
from mail.store.sweep import sweep
from tests.importing.dying import DyingWriter, run_with
from tests.importing.mailfiles import (
    JANUARY,
    everything,
    kinds,
    letter,
    maildir_with_keywords,
    mbox,
    run,
    uploaded,
)
from tests.pages.visiting import receive
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")

POINTS = 50


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that there are many moments to die at."""
    monkeypatch.setattr(batch, "MESSAGES", 2)
    monkeypatch.setattr(progress, "EVERY_SECONDS", 3600.0)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Several mailboxes, doubles, a message that is written ahead, and keywords that come late."""
    folder = tmp_path_factory.mktemp("source")
    (folder / "Work.mbox").write_bytes(mbox(range(12), seen=True))
    (folder / "Inbox.mbox").write_bytes(mbox([20, 21, 20, 22]) + mbox([23], size=1_500_000))
    (folder / "broken.mbox").write_bytes(b"this is no mail\n")
    friends = maildir_with_keywords(folder / "Friends", range(30, 38))
    made = BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name in ("Work.mbox", "broken.mbox", "Inbox.mbox"):
            archive.add(folder / name, name)
        for path in sorted((friends / "cur").iterdir()):
            archive.add(path, f"Friends/cur/{path.name}")
        archive.add(friends / "dovecot-keywords", "Friends/dovecot-keywords")
    return made.getvalue()


def new_account(world: World, name: str) -> Account:
    """An account with one letter in its Inbox, which the import brings again."""
    account = Account.objects.create(name=name)
    ensure_account_store(account)
    message = receive(world, account, letter(21))
    Message.objects.filter(pk=message.pk).update(received=JANUARY)
    return account


def undisturbed(world: World, data: bytes) -> tuple[list[tuple[object, ...]], int, tuple[int, ...]]:
    """What is there in the end, after how many writes, and the figures."""
    account = new_account(world, "undisturbed")
    row = uploaded(account, "mail.tar", data)
    writer = DyingWriter(world.writer)
    run_with(world, row, writer)
    assert row.state == State.DONE, row.outcome
    return everything(account), writer.count, (row.messages, row.skipped, row.problems, row.bytes)


def test_killed_anywhere_it_ends_as_if_it_had_not_been(world: World, data: bytes) -> None:
    expected, writes, figures = undisturbed(world, data)
    assert writes >= POINTS // 2
    for point in range(POINTS):
        number, after = divmod(point * 2 * writes // POINTS, 2)
        account = new_account(world, f"point{point}")
        row = uploaded(account, "mail.tar", data)
        run_with(world, row, DyingWriter(world.writer, number + 1, after=bool(after)))
        if row.state != State.DONE:
            assert len(everything(account)) == 1
            run(world, row)
        assert row.state == State.DONE, (point, row.outcome)
        assert everything(account) == expected, point
        assert (row.messages, row.skipped, row.problems, row.bytes) == figures, point
        assert kinds(row).count("done") == 1


def test_killed_again_and_again_it_comes_to_its_end(world: World, data: bytes) -> None:
    expected, _, figures = undisturbed(world, data)
    account = new_account(world, "unlucky")
    row = uploaded(account, "mail.tar", data)
    deaths = 0
    while row.state != State.DONE:
        run_with(world, row, DyingWriter(world.writer, 6 + deaths, after=True))
        deaths += 1
        assert deaths < 100
    assert deaths > 1
    assert everything(account) == expected
    assert (row.messages, row.skipped, row.problems, row.bytes) == figures


def test_aborted_anywhere_it_leaves_nothing(world: World, data: bytes) -> None:
    _, writes, _ = undisturbed(world, data)
    contents = Content.objects.count()
    for point in range(1, writes + 1, 3):
        account = new_account(world, f"point{point}")
        before = everything(account)
        row = uploaded(account, "mail.tar", data)

        def abort(number: int = row.pk) -> None:
            world.writer.submit(AbortImport(number, "Enough.")).result()

        run_with(world, row, DyingWriter(world.writer, point, meanwhile=abort))
        assert row.state == State.ABORTED
        assert kinds(row)[-1] == "aborted"
        assert everything(account) == before
        assert not Path(row.path).exists()
    assert not Mailbox.objects.filter(account=None).exists()
    world.clock.advance(2 * world.clock.HOUR)
    sweep(world.writer)
    assert Content.objects.filter(doubtful=True).count() == 0
    assert Content.objects.count() == contents + len(range(1, writes + 1, 3))
