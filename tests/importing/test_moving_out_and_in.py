"""An account that was exported and brought in elsewhere is the same account."""

import io
import shutil
from pathlib import Path

import pytest
from django.core.management import call_command

from mail import clock
from mail.models import Account, Flag, Mailbox, Message
from mail.store.accept import AcceptMessage
from mail.store.flags import SetFlags
from tests.importing.archives import write
from tests.importing.reading import letter as source_letter
from tests.importing.reading import mbox
from tests.world.letters import letter, new_content, to_inbox
from tests.world.world import World

PREFIX = b"Return-Path: <carol@remote.example>\r\nDelivered-To: alice@example.org\r\n"
BODIES = (
    b"From here\r\n>From there\r\non\r\n",
    b"\r\nFrom x Tue Jul  1 12:00:00 2025\r\nStatus: RO\r\n",
    b"\0\xff\r\n",
)

NAMES = (
    "Inbox", "Inbox", "Archive/2024", "Entwürfe & co", "Sent",
    "Papierkorb", "Sent Items", "Inbox/Sent", "new/2019", "cur/x", "tmp/y", "Courier", "dovecot users",
    "new", "cur", "tmp", "n" * 200,
)  # fmt: skip
"""Some mean something else in other programs' folders, or to those programs."""


def fill(world: World) -> None:
    """Mail of several kinds in several mailboxes of Alice."""
    for number, name in enumerate(NAMES):
        copy = to_inbox(world.alice, PREFIX, name)
        content = new_content(letter(f"number {number}", BODIES[number % 3]))
        world.writer.submit(AcceptMessage(content, (copy,))).result()
    inbox = Mailbox.objects.get(account=world.alice, name="Inbox").pk
    flags = Flag.SEEN | Flag.FLAGGED | Flag.ANSWERED
    world.writer.submit(SetFlags(world.alice.pk, inbox, (1,), add=flags)).result()


def account(world: World, owner: Account) -> dict[str, list[tuple[object, ...]]]:
    """All there is in an account: mailboxes with what their messages are."""
    return {
        mailbox.name: sorted(
            (
                world.message_bytes(message),
                int(message.flags),
                tuple(sorted(message.keywords)),
                message.received // clock.SECOND,
                message.envelope_sender,
            )
            for message in world.messages(owner, mailbox.name)
        )
        for mailbox in Mailbox.objects.filter(account=owner)
    }


@pytest.mark.only_database("sqlite")
@pytest.mark.parametrize(
    ("form", "packed"), [("mbox", ""), ("mbox", "zip"), ("maildir", ""), ("maildir", "gztar")]
)
def test_export_then_import_gives_an_equal_account(
    world: World, tmp_path: Path, form: str, packed: str
) -> None:
    fill(world)
    call_command("export", "alice", "--format", form, str(tmp_path / "out"), stderr=io.StringIO())
    source = str(tmp_path / "out")
    if packed:
        source = shutil.make_archive(str(tmp_path / "mail"), packed, source)
    call_command("import", world.bob.name, source, stdout=io.StringIO(), stderr=io.StringIO())
    assert account(world, world.bob) == account(world, world.alice)


@pytest.mark.only_database("sqlite")
@pytest.mark.parametrize(
    ("options", "targets"),
    [
        ((), ["Travel -> Travel: 1 messages", "Sent Items -> Gesendet: 1 messages"]),
        (("--mailbox", "Old"), ["Travel -> Old: 1 messages", "Sent Items -> Old: 1 messages"]),
    ],
)
def test_a_dry_run_tells_where_mail_would_go_and_writes_nothing(
    world: World, tmp_path: Path, options: tuple[str, ...], targets: list[str]
) -> None:
    Mailbox.objects.filter(account=world.alice, special_use="sent").update(name="Gesendet")
    write(
        tmp_path / "in", {"Sent Items.mbox": mbox(source_letter("one")), "Travel": mbox(source_letter("two"))}
    )
    out = io.StringIO()
    call_command("import", "alice", str(tmp_path / "in"), "--dry-run", *options, stdout=out)
    lines = out.getvalue().splitlines()
    assert sorted(lines[2:4]) == sorted(targets)
    assert lines[:2] == ["formats: directory, mbox", "dates: 2025-07-01 to 2025-07-01"]
    assert lines[4:] == ["2 messages of 46 bytes, 0 problems"]
    assert not Message.objects.exists()
