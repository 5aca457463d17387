import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from importer.models import Import, State
from importer.staging.discard import discard
from importer.staging.lease import LeaseImport, LeaseLost
from importer.staging.stage import StageBatch
from importer.staging.undo import UndoImport
from mail.models import Content, Flag, Mailbox, Message
from mail.store.verify import damaged_contents
from tests.importing.mailfiles import (
    JANUARY,
    brought_in,
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


def archive(**files: bytes) -> bytes:
    data = BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name.replace("__", "/") + ".mbox", content)
    return data.getvalue()


def test_mail_of_an_mbox_is_in_a_new_mailbox_as_if_it_had_been_accepted(world: World) -> None:
    row = brought_in(world, world.alice, "Travel.mbox", mbox(range(1, 31), seen=True))
    messages = world.messages(world.alice, "Travel")
    assert [message.uid for message in messages] == list(range(1, 31))
    assert [world.message_bytes(message) for message in messages] == [letter(n) for n in range(1, 31)]
    assert {message.flags for message in messages} == {Flag.SEEN}
    assert {message.received for message in messages} == {JANUARY}
    assert messages[3].content.subject == "Letter 4"
    assert messages[3].content.message_id == "4@remote.example"
    assert [damage for _, damage in damaged_contents() if damage] == []
    assert kinds(row)[-1] == "done"
    assert row.messages == 30


def test_a_mailbox_that_is_there_goes_on_with_its_own_uids(world: World) -> None:
    receive(world, world.alice, letter(1000))
    before = world.inbox(world.alice)
    brought_in(world, world.alice, "x.mbox", mbox(range(5)), mapping={"*": "Inbox"})
    after = world.inbox(world.alice)
    assert [message.uid for message in world.messages(world.alice)] == [1, 2, 3, 4, 5, 6]
    assert after.uidvalidity == before.uidvalidity
    assert after.modseq > before.modseq
    assert after.messages == 6
    receive(world, world.alice, letter(1001))
    assert world.messages(world.alice)[-1].uid == 7


def test_nothing_is_seen_of_an_import_before_its_end(world: World) -> None:
    seen: list[int] = []
    data = mbox(range(20))
    row = uploaded(world.alice, "x.mbox", data, mapping={"*": "Inbox"})
    assert Message.objects.count() == 0
    run(world, row)
    seen.append(len(world.messages(world.alice)))
    assert seen == [20]
    assert not Mailbox.objects.filter(account=None).exists()


def test_large_messages_come_in_whole(world: World) -> None:
    brought_in(world, world.alice, "big.mbox", mbox([1, 2], size=3_000_000), mapping={"*": "Big"})
    assert [world.message_bytes(m) for m in world.messages(world.alice, "Big")] == [
        letter(1, 3_000_000),
        letter(2, 3_000_000),
    ]


def test_each_folder_of_an_archive_has_its_mailbox_and_some_are_left_out(world: World) -> None:
    data = archive(Work=mbox([1, 2]), Old__Letters=mbox([3]), Junkyard=mbox([4]))
    brought_in(world, world.alice, "mail.zip", data, mapping={"Junkyard": "", "Work": "Office"})
    assert len(world.messages(world.alice, "Office")) == 2
    assert len(world.messages(world.alice, "Old/Letters")) == 1
    assert len(everything(world.alice)) == 3


def test_keywords_whose_table_comes_last_are_on_their_messages(world: World, tmp_path: Path) -> None:
    import tarfile

    folder = maildir_with_keywords(tmp_path / "Friends", range(10))
    data = BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as made:
        for path in sorted((folder / "cur").iterdir()):
            made.add(path, f"Friends/cur/{path.name}")
        made.add(folder / "dovecot-keywords", "Friends/dovecot-keywords")
    brought_in(world, world.alice, "f.tgz", data.getvalue(), mapping={"*": "Friends"})
    found = {message.content.subject: message for message in world.messages(world.alice, "Friends")}
    assert found["Letter 1"].keywords == ["blue"]
    assert found["Letter 1"].flags == Flag.SEEN
    assert [word.lower() for word in found["Letter 2"].keywords] == ["$forwarded"]
    assert found["Letter 2"].flags == 0


def test_a_file_that_is_no_archive_ends_with_a_sentence_and_leaves_nothing(world: World) -> None:
    row = run(world, uploaded(world.alice, "holiday.jpg", b"\xff\xd8\xff" + bytes(range(256)) * 20))
    assert row.state == State.ABORTED
    assert row.outcome
    assert kinds(row)[-1] == "aborted"
    assert not Path(row.path).exists()


def test_a_cut_archive_leaves_nothing_of_what_it_held(world: World) -> None:
    whole = archive(Work=mbox(range(200), size=5000))
    row = run(world, uploaded(world.alice, "mail.zip", whole[: len(whole) // 2]))
    assert row.state == State.ABORTED
    assert kinds(row)[-1] == "aborted"
    discard(world.writer)
    assert everything(world.alice) == []
    assert not Content.objects.exists()


def test_the_levels_above_a_new_mailbox_are_mailboxes_too_and_go_with_an_undo(world: World) -> None:
    row = brought_in(world, world.alice, "a.mbox", mbox([1]), mapping={"*": "Old/Work/2020"})
    names = set(Mailbox.objects.filter(account=world.alice).values_list("name", flat=True))
    assert {"Old", "Old/Work", "Old/Work/2020"} <= names
    world.writer.submit(UndoImport(row.pk, world.alice.pk)).result()
    names = set(Mailbox.objects.filter(account=world.alice).values_list("name", flat=True))
    assert not any(name.startswith("Old") for name in names)


def test_behind_a_batch_that_was_refused_none_is_taken(world: World) -> None:
    row = uploaded(world.alice, "a.mbox", mbox([1]))
    token = world.writer.submit(LeaseImport(row.pk, row.account_id)).result()
    world.writer.submit(StageBatch(row.pk, token, after=0, position=2)).result()
    with pytest.raises(LeaseLost):
        world.writer.submit(StageBatch(row.pk, token, after=4, position=6)).result()
    row.refresh_from_db()
    assert row.position == 2


def test_what_does_not_fit_the_quota_is_not_brought_in(world: World) -> None:
    world.alice.quota_mb = 1
    world.alice.save()
    row = run(world, uploaded(world.alice, "big.mbox", mbox(range(30), size=100_000)))
    assert row.state == State.ABORTED
    assert "1 MB" in row.outcome
    assert everything(world.alice) == []
    assert not Mailbox.objects.filter(account=None).exists()
    assert not Content.objects.exists()


def test_two_imports_of_one_account_do_not_mind_each_other(world: World) -> None:
    rows = [uploaded(world.alice, f"{n}.mbox", mbox([n]), mapping={"*": "New"}) for n in (1, 2)]
    for row in rows:
        run(world, row)
    assert [message.uid for message in world.messages(world.alice, "New")] == [1, 2]
    assert Import.objects.filter(state=State.DONE).count() == 2
