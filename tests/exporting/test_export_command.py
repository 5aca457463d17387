import io
import mailbox
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from mail.models import Flag
from mail.store.accept import AcceptMessage
from mail.store.flags import SetFlags
from tests.world.letters import accept_letter, letter, new_content, to_inbox
from tests.world.world import World


def fill(world: World) -> None:
    world.writer.submit(accept_letter(letter("first", b"From here\r\non\r\n"), world.alice)).result()
    copy = to_inbox(world.alice, b"Delivered-To: alice@example.org\r\n", "Archive/2024")
    world.writer.submit(AcceptMessage(new_content(letter("second")), (copy,))).result()
    inbox = world.inbox(world.alice).pk
    world.writer.submit(SetFlags(world.alice.pk, inbox, (1,), add=Flag.SEEN | Flag.FLAGGED)).result()


def test_every_mailbox_becomes_an_mbox_file(world: World, tmp_path: Path) -> None:
    fill(world)
    call_command("export", "alice", str(tmp_path / "out"), stderr=io.StringIO())
    (first,) = mailbox.mbox(tmp_path / "out" / "Inbox.mbox")
    assert first["Subject"] == "first"
    assert first.get_flags() == "ROF"
    assert b">From here" in first.as_bytes()
    (second,) = mailbox.mbox(tmp_path / "out" / "Archive" / "2024.mbox")
    assert second["Delivered-To"] == "alice@example.org"
    assert (tmp_path / "out" / "Sent.mbox").read_bytes() == b""


def test_maildir_keeps_every_byte(world: World, tmp_path: Path) -> None:
    fill(world)
    call_command(
        "export", "alice@example.org", "--format", "maildir", str(tmp_path / "out"), stderr=io.StringIO()
    )
    (file,) = (tmp_path / "out" / "cur").iterdir()
    assert file.read_bytes() == letter("first", b"From here\r\non\r\n")
    assert file.name.endswith(":2,FS")
    assert len(list((tmp_path / "out" / ".Archive.2024" / "cur").iterdir())) == 1


def test_mbox_goes_to_standard_output(world: World, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    fill(world)
    call_command("export", "alice", "-")
    assert capfdbinary.readouterr().out.count(b"\nFrom carol@remote.example ") == 1


def test_an_unknown_account_and_a_full_folder_are_refused(world: World, tmp_path: Path) -> None:
    fill(world)
    with pytest.raises(CommandError, match="no account or address nobody"):
        call_command("export", "nobody", str(tmp_path / "out"))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(CommandError, match="exists already"):
        call_command("export", "alice", str(tmp_path / "full"))


@pytest.mark.parametrize("name", ["mail.zip", "mail.TGZ", "mail.tar.gz"])
def test_a_file_name_of_an_archive_makes_one(world: World, tmp_path: Path, name: str) -> None:
    fill(world)
    file = tmp_path / "new" / name
    call_command("export", "alice", "--format", "maildir", str(file))
    with zipfile.ZipFile(file) if name.endswith("zip") else tarfile.open(file) as archive:
        archive.extractall(tmp_path / "out")
    (mail,) = (tmp_path / "out" / "cur").iterdir()
    assert mail.read_bytes() == letter("first", b"From here\r\non\r\n")
    assert [path.name for path in (tmp_path / "new").iterdir()] == [name]
    with pytest.raises(CommandError, match="exists already"):
        call_command("export", "alice", str(file))


def test_an_archive_of_one_mailbox_goes_to_standard_output(
    world: World, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    fill(world)
    call_command("export", "alice", "-", "--archive", "zip", "--mailbox", "Archive/2024")
    with zipfile.ZipFile(io.BytesIO(capfdbinary.readouterr().out)) as archive:
        assert archive.namelist() == ["Archive/2024.mbox"]
    with pytest.raises(
        CommandError, match=r"no mailbox Archive/2025. There are: Archive, Archive/2024, .*Inbox"
    ):
        call_command("export", "alice", "-", "--mailbox", "Archive/2025")
    with pytest.raises(CommandError, match="add --archive tgz"):
        call_command("export", "alice", "-", "--format", "maildir")


def test_half_an_archive_is_never_left(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Iterator[bytes]:
        yield b"half"
        raise OSError(28, "No space left on device")

    fill(world)
    monkeypatch.setattr("mail.management.commands.export.export_archive", broken)
    with pytest.raises(CommandError, match=r"mail.zip can't be written: .*No space left"):
        call_command("export", "alice", str(tmp_path / "new" / "mail.zip"))
    assert list((tmp_path / "new").iterdir()) == []


def test_verify_reads_everything_and_tells_of_damage(world: World) -> None:
    fill(world)
    out = io.StringIO()
    call_command("verify", stdout=out)
    assert out.getvalue() == "2 messages are whole.\n"


def test_verify_fails_when_a_byte_is_not_the_one_that_arrived(world: World) -> None:
    from mail.models import Chunk

    fill(world)
    chunk = Chunk.objects.first()
    assert chunk is not None
    good = bytes(chunk.data)
    Chunk.objects.filter(pk=chunk.pk).update(data=good[:-1] + b"!")
    with pytest.raises(CommandError, match="1 of 2 messages are damaged"):
        call_command("verify", stdout=io.StringIO())
    Chunk.objects.filter(pk=chunk.pk).update(data=good)
