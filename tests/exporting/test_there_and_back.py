"""An export brought in again gives the same mail."""

import io
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import call_command

from mail.exporting.archive import ARCHIVES, Chosen, export_archive
from mail.exporting.reading import mailboxes_of
from mail.models import Account, Flag, Mailbox, Message
from mail.store.accept import AcceptMessage
from mail.store.contents import read
from mail.store.flags import SetFlags
from tests.pages.visiting import letter_with_everything
from tests.world.letters import letter, new_content, to_inbox
from tests.world.mailboxes import fill, named
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")


def put(world: World, raw: bytes, mailbox: str) -> None:
    delivery = to_inbox(world.alice, mailbox=mailbox)
    world.writer.submit(AcceptMessage(new_content(raw), (delivery,))).result()


@pytest.fixture
def filled(world: World) -> World:
    fill(world, world.alice, "plain", "marked")
    put(world, letter("quoting", b"From here\r\n>From there\r\n\r\nFrom x\r\n"), "Lists/Größe & Co.")
    put(world, letter("the level above"), "Lists")
    put(world, letter_with_everything(), "Sent")
    inbox = named(world.alice, "Inbox").pk
    every = Flag.SEEN | Flag.ANSWERED | Flag.FLAGGED | Flag.DRAFT
    marking = SetFlags(world.alice.pk, inbox, (2,), add=every, add_keywords=("work", "$Label1"))
    world.writer.submit(marking).result()
    return world


def content(account: Account) -> Counter[tuple[str, bytes, int, tuple[str, ...]]]:
    """What an account holds, whatever the order and the numbers."""
    rows = Message.objects.filter(mailbox__account=account).select_related("mailbox")
    return Counter(
        (
            row.mailbox.name,
            b"".join(read(row.content_id)),
            row.flags,
            tuple(sorted(keyword.lower() for keyword in row.keywords)),
        )
        for row in rows
    )


@pytest.mark.parametrize("kind", ["zip", "tgz"])
@pytest.mark.parametrize("format_", ["mbox", "maildir"])
def test_an_export_brought_in_again_is_the_same_mail(
    filled: World, tmp_path: Path, format_: str, kind: str
) -> None:
    file = tmp_path / f"export.{kind}"
    chosen = [Chosen(mailbox) for mailbox in mailboxes_of(filled.alice)]
    file.write_bytes(b"".join(export_archive(chosen, format_, ARCHIVES[kind]())))
    out = io.StringIO()
    call_command("import", filled.bob.name, str(file), stdout=out, stderr=out)
    assert "5 messages brought in, 0 left out as doubles, 0 problems" in out.getvalue()
    ours, theirs = content(filled.alice), content(filled.bob)
    if format_ == "mbox":  # which can't tell LF from CR LF, and says flags in fields of its own
        ours, theirs = _names_and_flags(ours), _names_and_flags(theirs)
    assert theirs == ours
    assert set(Mailbox.objects.filter(account=filled.bob).values_list("name", flat=True)) == set(
        Mailbox.objects.filter(account=filled.alice).values_list("name", flat=True)
    )


def _names_and_flags(
    found: Counter[tuple[str, bytes, int, tuple[str, ...]]],
) -> Counter[tuple[str, bytes, int, tuple[str, ...]]]:
    plain: Counter[tuple[str, bytes, int, tuple[str, ...]]] = Counter()
    for (name, raw, flags, keywords), count in found.items():
        body = raw.partition(b"\r\n\r\n")[2].rstrip(b"\r\n")
        plain[name, body, flags, keywords] += count
    return plain
