import re

from mail.store.accept import AcceptMessage
from mail.store.deliver import LocalDelivery
from tests.pages.visiting import page, receive, visit_as
from tests.world.indexing import index
from tests.world.letters import letter, new_content
from tests.world.mailboxes import fill
from tests.world.world import World


def link(text: str, kind: str) -> str:
    found = re.search(rf'rel="{kind}" href="([^"]*)"', text)
    return found[1] if found else ""


def test_newer_and_older_go_by_time(world: World) -> None:
    fill(world, world.alice, "one", "two")
    old = LocalDelivery(world.alice.pk, "Inbox", b"", "", "", received=world.clock.DAY)
    world.writer.submit(AcceptMessage(new_content(letter("old")), (old,))).result()
    inbox = world.inbox(world.alice).pk
    text = page(visit_as(world.alice.login), f"/mail/{inbox}/1/")
    assert (link(text, "prev"), link(text, "next")) == (f"/mail/{inbox}/2/", f"/mail/{inbox}/3/")
    text = page(visit_as(world.alice.login), f"/mail/{inbox}/3/")
    assert (link(text, "prev"), link(text, "next")) == (f"/mail/{inbox}/1/", "")


def test_from_a_search_they_go_along_its_results(world: World) -> None:
    fill(world, world.alice, "number one", "other")
    fill(world, world.alice, "number two", mailbox="Archive")
    index(world)
    client = visit_as(world.alice.login)
    text = page(client, "/mail/search/?q=number")
    (newest, oldest) = re.findall(r'<td class="subject"><a href="([^"]*)"', text)
    text = page(client, newest)
    assert (link(text, "prev"), link(text, "next")) == ("", oldest)
    assert link(page(client, oldest), "prev") == newest
    assert 'href="/mail/search/?q=number"' in text


def test_a_conversation_is_listed_over_all_mailboxes(world: World) -> None:
    for own, parent, box in (("a", "", "Inbox"), ("b", "a", "Sent"), ("c", "b", "Archive")):
        fields = f"Subject: {own}\r\nMessage-ID: <{own}@x>\r\nReferences: <a@x> <{parent}@x>\r\n\r\n"
        last = receive(world, world.alice, fields.encode(), box)
    fill(world, world.alice, "alone")
    own = f"/mail/{last.mailbox_id}/{last.uid}/"
    client = visit_as(world.alice.login)
    assert "Conversation" not in page(client, own)
    index(world)
    text = page(client, own)
    assert re.findall(r'<span class="subject">(\w)</span>', text) == ["a", "b", "c"]
    assert text.count('aria-current="true"') == 1
    assert "Conversation" not in page(client, f"/mail/{world.inbox(world.alice).pk}/2/")


def test_the_source_is_shown_escaped_and_cut(world: World) -> None:
    message = receive(world, world.alice, letter(body=b"<b>\x00\xff</b>\r\n" * 50_000))
    text = page(visit_as(world.alice.login), f"/mail/{message.mailbox_id}/{message.uid}/source/")
    assert "Return-Path" in text
    assert "&lt;b&gt;" in text
    assert "The beginning of" in text
    assert len(text) < 1_000_000
