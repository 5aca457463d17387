import pytest

from mail.models import Message, SearchEntry, SearchProgress
from mail.periodic.indexing import forget_removed_mail, index_mail
from mail.search.indexing import forget_removed_messages, waiting_messages
from mail.store.accept import AcceptMessage
from mail.store.flags import RemoveMessages
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


def test_an_index_that_was_lost_is_made_again(world: World) -> None:
    fill(world, world.alice, "one", "two")
    index(world)
    Message.objects.update(thread=None)
    SearchProgress.objects.all().delete()
    from mail.search.indexing import ForgetEntries

    world.writer.submit(ForgetEntries(tuple(SearchEntry.objects.values_list("id", flat=True)))).result()
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
