from dataclasses import replace

import pytest
from django.db import connection

from mail.models import Message, SearchEntry, SearchProgress
from mail.periodic.indexing import forget_removed_mail, index_mail
from mail.search.consistency import index_contradictions
from mail.search.indexing import ForgetEntries, forget_removed_messages, waiting_messages
from mail.store.accept import AcceptMessage
from mail.store.flags import RemoveMessages
from mail.store.mailbox_changes import DeleteMailbox
from mail.store.moving import MoveMessages
from tests.world.indexing import found, index
from tests.world.letters import letter, new_content, to_inbox
from tests.world.mailboxes import fill, named
from tests.world.world import World


def test_each_message_is_indexed_once(world: World) -> None:
    fill(world, world.alice, "one", "two")
    assert waiting_messages(world.alice.pk) == 2
    assert index(world) == 2
    fill(world, world.alice, "three", mailbox="Archive")
    assert index(world) == 1
    assert index(world) == 0
    assert waiting_messages(world.alice.pk) == 0
    assert SearchEntry.objects.count() == 3


def test_what_was_removed_or_moved_before_it_was_indexed_is_not_waited_for(world: World) -> None:
    fill(world, world.alice, "one", "two", "three")
    inbox, archive = named(world.alice, "Inbox").pk, named(world.alice, "Archive").pk
    world.writer.submit(RemoveMessages(world.alice.pk, inbox, (3,))).result()
    world.writer.submit(MoveMessages(world.alice.pk, inbox, (2,), archive)).result()
    assert waiting_messages(world.alice.pk) == 2
    assert index(world) == 2
    assert waiting_messages(world.alice.pk) == 0
    assert dict(SearchProgress.objects.values_list("mailbox_id", "uid")) == {inbox: 3, archive: 1}
    world.writer.submit(MoveMessages(world.alice.pk, archive, (1,), inbox)).result()
    assert waiting_messages(world.alice.pk) == index(world) == 0


def test_the_background_worker_does_it(world: World) -> None:
    fill(world, world.alice, "one")
    index_mail()
    assert found(world, "one") == ["one"]


def test_words_of_a_removed_message_are_forgotten(world: World) -> None:
    fill(world, world.alice, "secret", "other")
    index(world)
    inbox = named(world.alice, "Inbox").pk
    world.writer.submit(RemoveMessages(world.alice.pk, inbox, (1,))).result()
    assert found(world, "secret") == []
    forget_removed_mail()
    assert SearchEntry.objects.count() == 1
    assert forget_removed_messages(world.writer) == 0
    assert found(world, "other") == ["other"]


@pytest.mark.parametrize("is_lost", [True, False])
def test_the_index_can_be_made_anew(world: World, is_lost: bool) -> None:
    fill(world, world.alice, "one", "two")
    index(world)
    Message.objects.update(thread=None)
    SearchProgress.objects.all().delete()
    if is_lost:
        entries = tuple(SearchEntry.objects.values_list("id", flat=True))
        world.writer.submit(ForgetEntries(entries)).result()
        assert found(world, "one") == []
    assert index(world) == 2
    assert found(world, "one") == ["one"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\r\n",
        b"no header at all",
        b"Subject: \x00\xff\r\nFrom: <<<>>>\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x",
        b"Content-Type: text/html\r\n\r\n" + b"<style " * 20_000,
        b"Content-Type: text/plain; charset=utf-16\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!",
        b"\r\n" + b"word " * 60_000 + b"x" * 100_000 + "ﬀ�𝕏".encode(),
    ],
    ids=["empty", "blank", "no-header", "odd-header", "unclosed", "wrong-charset", "long"],
)
def test_any_message_can_be_indexed(world: World, raw: bytes) -> None:
    world.writer.submit(AcceptMessage(new_content(raw), (to_inbox(world.alice),))).result()
    fill(world, world.alice, "after")
    assert index(world) == 2
    assert found(world, "after") == ["after"]
    inbox = named(world.alice, "Inbox").pk
    world.writer.submit(RemoveMessages(world.alice.pk, inbox, (1,))).result()
    assert forget_removed_messages(world.writer) == 1


def test_the_same_content_is_found_by_all_who_got_it(world: World) -> None:
    copies = (to_inbox(world.alice), to_inbox(world.bob))
    world.writer.submit(AcceptMessage(new_content(letter("shared")), copies)).result()
    assert index(world) == 2
    assert found(world, "shared") == ["shared"]


def test_a_message_of_any_time_keeps_its_place_in_the_index(world: World) -> None:
    for received in (-1, 0, 10**17, 2**62):
        delivery = replace(to_inbox(world.alice), received=received)
        world.writer.submit(AcceptMessage(new_content(letter("when")), (delivery,))).result()
    index(world)
    assert found(world, "when") == ["when"] * 4
    assert index_contradictions(_rows) == []


def test_a_message_that_lost_its_entry_is_a_contradiction(world: World) -> None:
    fill(world, world.alice, "one")
    index(world)
    key = SearchEntry.objects.get().id
    entries = SearchEntry.objects.all().values()[0]
    SearchEntry.objects.all().delete()
    assert "not indexed" in index_contradictions(_rows)[0]
    SearchEntry.objects.create(**{**entries, "id": key})


def test_a_deleted_mailbox_is_forgotten(world: World) -> None:
    fill(world, world.alice, "one", mailbox="Old")
    index(world)
    old = named(world.alice, "Old").pk
    world.writer.submit(RemoveMessages(world.alice.pk, old, (1,))).result()
    world.writer.submit(DeleteMailbox(world.alice.pk, old)).result()
    forget_removed_mail()
    assert SearchProgress.objects.count() == 0


def _rows(sql: str) -> list[tuple[int, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())
