"""Files with mail to bring in, and running imports of them in this process."""

import mailbox
import threading
from email.message import EmailMessage
from pathlib import Path

from importer.files import holder_died
from importer.jobs import work
from importer.models import Duplicates, Import, State
from importer.staging.lease import LeaseImport
from importer.uploads import Wanted, begin_upload, take_slice
from mail.mailformats.flags import MessageFlags
from mail.mailformats.mbox import mbox_message
from mail.models import Account, Message
from mail.store.contents import read
from tests.world.world import World

JANUARY = 1_704_067_200_000_000


def letter(number: int, size: int = 200) -> bytes:
    """A message as it is in the store, different for each number."""
    message = EmailMessage()
    message["From"] = "Carol <carol@remote.example>"
    message["To"] = "alice@example.org"
    message["Subject"] = f"Letter {number}"
    message["Date"] = "Mon, 01 Jan 2024 10:00:00 +0000"
    message["Message-ID"] = f"<{number}@remote.example>"
    message.set_content(f"This is letter {number}.\n" + "All work and no play.\n" * (size // 22))
    return bytes(message).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def mbox(numbers: range | list[int], *, seen: bool = False, size: int = 200) -> bytes:
    """An mbox with these letters."""
    flags = MessageFlags(seen=seen)
    return b"".join(
        piece
        for number in numbers
        for piece in mbox_message(
            [letter(number, size)], envelope_sender="carol@remote.example", received=JANUARY, flags=flags
        )
    )


def maildir_with_keywords(folder: Path, numbers: range) -> Path:
    """A Maildir whose messages have keywords."""
    made = mailbox.Maildir(folder, create=True)
    for number in numbers:
        message = mailbox.MaildirMessage(letter(number).replace(b"\r\n", b"\n"))
        message.set_subdir("cur")
        message.set_info("2,Sa" if number % 2 else "2,b")
        made.add(message)
    (folder / "dovecot-keywords").write_text("0 blue\n1 $Forwarded\n")
    return folder


def uploaded(
    account: Account, name: str, data: bytes, *, preview: bool = False, duplicates: str = Duplicates.SKIP,
    mapping: dict[str, str] | None = None,
) -> Import:  # fmt: skip
    """An import whose file is there."""
    wanted = Wanted(name, len(data), preview, Duplicates(duplicates), mapping=mapping or {})
    row = begin_upload(account, wanted)
    take_slice(row, 0, data)
    row.refresh_from_db()
    return row


def run(world: World, row: Import) -> Import:
    """Do what a worker does with the import."""
    token = world.writer.submit(LeaseImport(row.pk, row.account_id, holder_died(row.token))).result()
    assert token, row.state
    work(row.pk, token, world.writer, threading.Event())
    row.refresh_from_db()
    return row


def brought_in(world: World, account: Account, name: str, data: bytes, **how: object) -> Import:
    """An import that has ended."""
    row = run(world, uploaded(account, name, data, **how))  # type: ignore[arg-type]
    assert row.state == State.DONE, row.outcome
    return row


def everything(account: Account) -> list[tuple[object, ...]]:
    """All that an account holds, as others see it."""
    found = Message.objects.filter(mailbox__account=account).select_related("mailbox", "content")
    return [
        (
            message.mailbox.name,
            message.uid,
            b"".join(read(message.content_id)),
            message.flags,
            message.keywords,
            message.received,
        )
        for message in found.order_by("mailbox__name", "uid")
    ]


def kinds(row: Import) -> list[str]:
    """The kinds of the import's events, in order."""
    return list(row.events.order_by("seq").values_list("kind", flat=True))
