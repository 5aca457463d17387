import re

import pytest
from django.test import Client

from mail.models import Flag, Mailbox, Message
from mail.store.mailbox_changes import CreateMailbox
from tests.pages.visiting import page, visit_as
from tests.world.indexing import index
from tests.world.mailboxes import fill, named, subjects_in
from tests.world.world import World


@pytest.fixture
def client(world: World) -> Client:
    fill(world, world.alice, "one", "two", "three")
    return visit_as(world.alice.login)


def act(world: World, client: Client, do: str, *subjects: str, **more: str) -> str:
    """Do something to messages of these subjects, in any mailbox of alice; gives the next page."""
    chosen = Message.objects.filter(mailbox__account=world.alice, content__subject__in=subjects)
    references = [f"{message.mailbox_id}.{message.uid}" for message in chosen]
    sent = {"do": do, "message": references, "back": "/account/", **more}
    response = client.post("/mail/act/", sent, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def flags(world: World, subject: str) -> Flag:
    return Flag(Message.objects.get(content__subject=subject).flags)


def test_messages_are_marked_and_the_list_comes_back(world: World, client: Client) -> None:
    text = act(world, client, "read", "one", "two")
    assert "2 messages were marked as read." in text
    assert "Account" in text
    assert named(world.alice, "Inbox").unseen == 1
    act(world, client, "star", "one")
    act(world, client, "unread", "one")
    assert flags(world, "one") == Flag.FLAGGED
    act(world, client, "unstar", "one")
    assert not flags(world, "one")
    assert "Nothing had to be changed." in act(world, client, "unstar", "one")


def test_the_star_of_a_line_is_about_that_line_alone(world: World, client: Client) -> None:
    single = Message.objects.get(content__subject="two")
    act(world, client, f"star:{single.mailbox_id}.{single.uid}", "one", "three")
    assert flags(world, "two") == Flag.FLAGGED
    assert not flags(world, "one")


@pytest.mark.parametrize(("do", "mailbox"), [("archive", "Archive"), ("junk", "Junk"), ("delete", "Trash")])
def test_messages_go_where_they_belong(world: World, client: Client, do: str, mailbox: str) -> None:
    text = act(world, client, do, "one", "three")
    assert f"2 messages were moved to {mailbox}." in text
    assert subjects_in(world, world.alice, mailbox) == ["one", "three"]
    act(world, client, "inbox", "one")
    assert subjects_in(world, world.alice) == ["two", "one"]


def test_a_missing_trash_is_made(world: World, client: Client) -> None:
    Mailbox.objects.filter(account=world.alice, special_use="trash").delete()
    act(world, client, "delete", "one")
    assert named(world.alice, "Trash").special_use == "trash"


def test_messages_are_moved_to_a_mailbox_of_choice(world: World, client: Client) -> None:
    target = world.writer.submit(CreateMailbox(world.alice.pk, "Projects")).result()
    assert "moved to Projects" in act(world, client, "move", "two", target=str(target))
    assert subjects_in(world, world.alice, "Projects") == ["two"]
    his = str(named(world.bob, "Archive").pk)
    for target in ("", "x", "9" * 30, his):
        assert "Choose the mailbox to move to." in act(world, client, "move", "one", target=target)


def test_tags_come_and_go(world: World, client: Client) -> None:
    assert "1 message was tagged “work”." in act(world, client, "tag", "one", keyword=" work ")
    assert Message.objects.get(content__subject="one").keywords == ["work"]
    assert '<span class="tag">work</span>' in page(client, "/")
    assert "without spaces" in act(world, client, "tag", "one", keyword="two words")
    assert "freed of the tag" in act(world, client, "untag", "one", keyword="WORK")


def test_what_is_in_the_trash_is_only_gone_after_a_question_with_the_count(
    world: World, client: Client
) -> None:
    act(world, client, "delete", "one", "two")
    text = act(world, client, "delete", "one", "two")
    assert "Delete 2 messages for good?" in text
    assert subjects_in(world, world.alice, "Trash") == ["one", "two"]
    sent = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text)
    fields: dict[str, list[str]] = {}
    for name, value in sent:
        fields.setdefault(name, []).append(value)
    response = client.post("/mail/act/", fields, follow=True)
    assert "2 messages were deleted for good." in response.content.decode()
    assert subjects_in(world, world.alice, "Trash") == []
    assert subjects_in(world, world.alice) == ["three"]


def test_of_mixed_messages_only_those_in_the_trash_are_gone(world: World, client: Client) -> None:
    act(world, client, "delete", "one")
    text = act(world, client, "delete", "one", "two", confirmed="1")
    assert "2 messages were deleted, 1 for good." in text
    assert subjects_in(world, world.alice, "Trash") == ["two"]


def test_the_trash_is_emptied_at_once_after_a_question(world: World, client: Client) -> None:
    act(world, client, "delete", "one", "two", "three")
    trash = named(world.alice, "Trash").pk
    assert "Empty Trash…" in page(client, f"/mail/{trash}/")
    assert "Empty" not in page(client, f"/mail/{named(world.alice, 'Inbox').pk}/")
    assert "Delete 3 messages for good?" in act(world, client, "delete", mailbox=str(trash), all="1")
    act(world, client, "delete", mailbox=str(trash), all="1", confirmed="1")
    assert subjects_in(world, world.alice, "Trash") == []


def test_all_of_a_mailbox_is_asked_for_with_the_count(world: World, client: Client) -> None:
    inbox = str(named(world.alice, "Inbox").pk)
    text = act(world, client, "read", mailbox=inbox, all="1")
    assert "Mark as read: 3 messages?" in text
    assert named(world.alice, "Inbox").unseen == 3
    act(world, client, "read", "one")
    text = act(world, client, "archive", mailbox=inbox, all="1", show="unread", confirmed="1")
    assert "2 messages were moved to Archive." in text
    assert subjects_in(world, world.alice) == ["one"]


def test_all_results_of_a_search_are_meant(world: World, client: Client) -> None:
    fill(world, world.alice, *(f"number {number}" for number in range(60)), mailbox="Archive")
    index(world)
    assert "Star: 60 messages?" in act(world, client, "star", q="number", all="1")
    act(world, client, "star", q="number", all="1", confirmed="1")
    assert Message.objects.filter(flags=Flag.FLAGGED).count() == 60
    assert "No message was picked" in act(world, client, "star", q='"', all="1", confirmed="1")


def test_a_conversation_is_meant_whole(world: World, client: Client) -> None:
    from tests.pages.visiting import receive

    for own, parent in (("a", ""), ("b", "a")):
        fields = f"Subject: {own}\r\nMessage-ID: <{own}@x>\r\nReferences: <{parent}@x>\r\n\r\n"
        last = receive(world, world.alice, fields.encode())
    index(world)
    sent = {"do": "archive", "message": f"t{last.mailbox_id}.{last.uid}"}
    assert "2 messages were moved" in client.post("/mail/act/", sent, follow=True).content.decode()


def test_nonsense_is_answered_with_what_to_do(world: World, client: Client) -> None:
    assert "No message was picked." in act(world, client, "read")
    assert "Choose what to do" in act(world, client, "explode", "one")
    assert "Choose what to do" in act(world, client, "", "one")
    for reference in ("x", "1.2.3", f"{10**18}.1", "1." + "9" * 19, "t1.99"):
        sent = {"do": "read", "message": reference}
        assert "No message was picked." in client.post("/mail/act/", sent, follow=True).content.decode()


def test_messages_of_others_are_not_touched(world: World, client: Client) -> None:
    fill(world, world.bob, "his")
    his = world.messages(world.bob)[0]
    sent = {"do": "delete", "message": f"{his.mailbox_id}.{his.uid}"}
    assert "No message was picked." in client.post("/mail/act/", sent, follow=True).content.decode()
    for scope in ({"mailbox": str(his.mailbox_id)}, {"q": "his"}):
        sent = {"do": "delete", "all": "1", "confirmed": "1", **scope}
        client.post("/mail/act/", sent)
    assert subjects_in(world, world.bob) == ["his"]


def test_the_way_back_leads_nowhere_else(world: World, client: Client) -> None:
    for back in ("https://remote.example/", "//remote.example/", "/\\remote.example", "javascript:alert(1)"):
        response = client.post("/mail/act/", {"do": "read", "back": back})
        assert response.headers["Location"] == "/"
