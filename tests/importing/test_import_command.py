import tarfile
import threading
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from importer.command.progress_bar import printable
from importer.jobs import work
from importer.models import Import, State
from importer.staging.events import WAITING
from importer.staging.lease import LeaseImport
from tests.importing.mailfiles import everything, letter, mbox, uploaded
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")


class _Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("import", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_a_file_is_brought_in_under_its_own_name(world: World, tmp_path: Path) -> None:
    assert world.alice
    file = tmp_path / "Travel.mbox"
    file.write_bytes(mbox(range(5)))
    told = command("alice@example.org", str(file))
    assert "Travel: 5" in told
    assert "5 messages brought in, 0 left out as doubles, 0 problems" in told
    assert len(world.messages(world.alice, "Travel")) == 5
    assert file.exists()
    assert Import.objects.get().state == State.DONE


def test_a_maildir_goes_into_the_mailbox_that_is_named(world: World, tmp_path: Path) -> None:
    for folder in ("cur", "new", "tmp"):
        (tmp_path / "Maildir" / folder).mkdir(parents=True)
    (tmp_path / "Maildir" / "cur" / "1700000000.1.host:2,S").write_bytes(letter(1))
    (tmp_path / "Maildir" / "new" / "1700000001.2.host").write_bytes(letter(2))
    command("alice" if world.alice else "", str(tmp_path / "Maildir"), "--mailbox", "Old/Mail")
    assert len(world.messages(world.alice, "Old/Mail")) == 2


def test_on_a_terminal_an_archive_shows_at_once_that_it_is_looked_through(
    world: World, tmp_path: Path
) -> None:
    """Its folders say where mail goes, and the last of them may be at its end."""
    assert world.alice
    (tmp_path / "a").write_bytes(mbox([1], size=700_000))
    (tmp_path / "b").write_bytes(mbox([2], size=700_000))
    with tarfile.open(tmp_path / "mail.tar", "w") as archive:
        archive.add(tmp_path / "a", "Travel.mbox")
        archive.add(tmp_path / "b", "Garden.mbox")
    terminal = _Terminal()
    call_command("import", "alice", str(tmp_path / "mail.tar"), stdout=StringIO(), stderr=terminal)
    assert "Looking at what is in it" in terminal.getvalue()
    assert [len(world.messages(world.alice, name)) for name in ("Travel", "Garden")] == [1, 1]


def test_a_dry_run_tells_and_writes_nothing(world: World, tmp_path: Path) -> None:
    assert world.alice
    (tmp_path / "Travel.mbox").write_bytes(mbox(range(5)))
    told = command("alice", str(tmp_path / "Travel.mbox"), "--dry-run")
    assert "-> Travel: 5 messages" in told
    assert everything(world.alice) == []
    assert not Import.objects.exists()


def test_what_can_not_be_read_as_a_whole_fails_with_a_sentence(world: World, tmp_path: Path) -> None:
    assert world.alice
    (tmp_path / "x.jpg").write_bytes(b"\xff\xd8\xff" + bytes(2000))
    for arguments in (["alice", str(tmp_path / "x.jpg")], ["alice", str(tmp_path / "none")], ["nobody", "."],
                      ["alice", str(tmp_path), "--mailbox", "a//b"]):  # fmt: skip
        with pytest.raises(CommandError) as failure:
            command(*arguments)
        assert str(failure.value).endswith((".", "”"))
    assert everything(world.alice) == []


def test_names_from_archives_do_not_steer_the_terminal() -> None:
    assert printable("a\x1b[2Jb\r\n") == "a\N{REPLACEMENT CHARACTER}[2Jb" + 2 * "\N{REPLACEMENT CHARACTER}"


def test_a_command_waits_until_another_import_into_the_account_is_over(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = uploaded(world.alice, "a.mbox", mbox(range(3)), mapping={"*": "Inbox"})
    token = world.writer.submit(LeaseImport(other.pk, other.account_id)).result()

    class Terminal(StringIO):
        def write(self, text: str) -> int:
            if WAITING in text:
                work(other.pk, token, world.writer, threading.Event())
            return super().write(text)

    monkeypatch.setattr("importer.command.by_command._LOOK_AGAIN_SECONDS", 0.01)
    (tmp_path / "b.mbox").write_bytes(mbox(range(4)))
    out = StringIO()
    arguments = ("alice", str(tmp_path / "b.mbox"), "--mailbox", "Inbox")
    call_command("import", *arguments, stdout=out, stderr=Terminal())
    assert "1 messages brought in, 3 left out as doubles" in out.getvalue()
    assert Import.objects.count() == 2
