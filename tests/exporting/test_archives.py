import io
import mailbox
import tarfile
import zipfile
from pathlib import Path

import pytest

from mail.exporting.archive import ARCHIVES, Chosen, export_archive
from mail.exporting.reading import mailboxes_of
from mail.models import Chunk, Flag
from mail.store.flags import SetFlags
from tests.world.letters import letter
from tests.world.mailboxes import fill, named
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")


@pytest.fixture
def filled(world: World) -> World:
    fill(world, world.alice, "first", "second")
    fill(world, world.alice, "third", mailbox="Archive/Grün")
    inbox = named(world.alice, "Inbox").pk
    marking = SetFlags(
        world.alice.pk, inbox, (1,), add=Flag.SEEN | Flag.FLAGGED, add_keywords=("work", "later")
    )
    world.writer.submit(marking).result()
    return world


def unpacked(world: World, format_: str, kind: str, folder: Path, *chosen: Chosen) -> Path:
    wanted = chosen or [Chosen(each) for each in mailboxes_of(world.alice)]
    data = b"".join(export_archive(list(wanted), format_, ARCHIVES[kind]()))
    if kind == "zip":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            assert archive.testzip() is None
            archive.extractall(folder)
    else:
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            archive.extractall(folder, filter="data")
    return folder


@pytest.mark.parametrize("kind", ["zip", "tgz"])
def test_mbox_files_are_read_by_others(filled: World, tmp_path: Path, kind: str) -> None:
    folder = unpacked(filled, "mbox", kind, tmp_path / "out")
    first, second = mailbox.mbox(folder / "Inbox.mbox")
    assert (first["Subject"], first.get_flags(), first["X-Keywords"]) == ("first", "ROF", "later,work")
    assert second["Subject"] == "second"
    (third,) = mailbox.mbox(folder / "Archive" / "Grün.mbox")
    assert third["Subject"] == "third"
    assert (folder / "Sent.mbox").read_bytes() == b""


@pytest.mark.parametrize("kind", ["zip", "tgz"])
def test_maildir_keeps_every_byte_flag_and_keyword(filled: World, tmp_path: Path, kind: str) -> None:
    folder = unpacked(filled, "maildir", kind, tmp_path / "out")
    files = {file.read_bytes(): file.name for file in (folder / "cur").iterdir()}
    assert files[letter("first")].endswith(":2,FSab")
    assert files[letter("second")].endswith(":2,")
    assert (folder / "dovecot-keywords").read_text() == "0 later\n1 work\n"
    assert len(list((folder / ".Archive.Gr&APw-n" / "cur").iterdir())) == 1
    assert (folder / ".Sent" / "new").is_dir()


def test_only_what_was_chosen_is_there(filled: World, tmp_path: Path) -> None:
    inbox = named(filled.alice, "Inbox")
    folder = unpacked(filled, "mbox", "tgz", tmp_path / "out", Chosen(inbox, (2, 77)))
    (only,) = mailbox.mbox(folder / "Inbox.mbox")
    assert only["Subject"] == "second"
    assert [path.name for path in folder.iterdir()] == ["Inbox.mbox"]


@pytest.mark.parametrize("kind", ["zip", "tgz"])
@pytest.mark.parametrize("format_", ["mbox", "maildir"])
def test_a_damaged_message_spoils_no_other(filled: World, tmp_path: Path, format_: str, kind: str) -> None:
    chunk = Chunk.objects.order_by("id").first()
    assert chunk is not None
    Chunk.objects.filter(pk=chunk.pk).delete()
    folder = unpacked(filled, format_, kind, tmp_path / "out")
    kept = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert b"Subject: second" in kept
    assert b"Subject: third" in kept
    assert b"Subject: first" not in kept
    chunk.save(force_insert=True)


def test_the_archive_begins_before_all_was_read(world: World) -> None:
    body = bytes(range(256)) * 4000
    for _ in range(5):
        from mail.store.accept import AcceptMessage
        from tests.world.letters import new_content, to_inbox

        world.writer.submit(AcceptMessage(new_content(letter(body=body)), (to_inbox(world.alice),))).result()
    wanted = [Chosen(named(world.alice, "Inbox"))]
    for format_, kind in (("mbox", "zip"), ("maildir", "zip"), ("maildir", "tgz")):
        pieces = list(export_archive(wanted, format_, ARCHIVES[kind]()))
        assert max(map(len, pieces)) < 512 * 1024
