import re
from html import unescape

from mail.models import Flag
from mail.store.accept import AcceptMessage
from mail.store.deliver import LocalDelivery
from mail.store.flags import SetFlags
from moxsite.pages.cursor import HIGHEST, PAGE
from tests.pages.visiting import page, receive, visit_as
from tests.world.indexing import index
from tests.world.letters import letter, new_content, to_inbox
from tests.world.mailboxes import named
from tests.world.world import World


def fill(world: World, count: int) -> None:
    contents = [new_content(letter(f"Letter {number:03}")) for number in range(count)]
    futures = [world.writer.submit(AcceptMessage(each, (to_inbox(world.alice),))) for each in contents]
    for future in futures:
        future.result()


def subjects(text: str) -> list[str]:
    return re.findall(r">(Letter \d+)</a>", text)


def link(text: str, direction: str) -> str:
    found = re.search(rf'rel="{direction}" href="([^"]*)"', text)
    return unescape(found[1]) if found else ""


def test_the_newest_message_stands_first(world: World) -> None:
    fill(world, 3)
    text = page(visit_as(world.alice.login), "/")
    assert subjects(text) == ["Letter 002", "Letter 001", "Letter 000"]
    assert "3 messages, 3 unread" in text


def test_following_older_shows_every_message_once(world: World) -> None:
    fill(world, 2 * PAGE + 7)
    client = visit_as(world.alice.login)
    seen, url = [], "/"
    while url:
        text = page(client, url)
        seen += subjects(text)
        url = link(text, "next")
    assert seen == [f"Letter {number:03}" for number in reversed(range(2 * PAGE + 7))]


def test_newer_leads_back(world: World) -> None:
    fill(world, 3 * PAGE)
    client = visit_as(world.alice.login)
    middle = page(client, link(page(client, "/"), "next"))
    assert subjects(middle)[0] == f"Letter {2 * PAGE - 1:03}"
    last = page(client, link(middle, "next"))
    assert subjects(page(client, link(last, "prev"))) == subjects(middle)


def test_the_page_after_the_newest_is_the_newest(world: World) -> None:
    fill(world, 3)
    client = visit_as(world.alice.login)
    message = world.messages(world.alice)[1]
    inbox = f"/mail/{message.mailbox_id}/"
    text = page(client, f"{inbox}?after={message.received}&uid={message.uid}")
    assert subjects(text)[0] == "Letter 002"


def test_mail_that_was_brought_in_stands_where_its_time_is(world: World) -> None:
    fill(world, 1)
    old = LocalDelivery(world.alice.pk, "Inbox", b"", "", "", received=world.clock.DAY)
    world.writer.submit(AcceptMessage(new_content(letter("Letter 1970")), (old,))).result()
    assert subjects(page(visit_as(world.alice.login), "/")) == ["Letter 000", "Letter 1970"]


def test_a_list_of_unread_or_starred_messages_has_no_others(world: World) -> None:
    fill(world, 4)
    inbox = world.inbox(world.alice).pk
    world.writer.submit(SetFlags(world.alice.pk, inbox, (1, 2), add=Flag.SEEN)).result()
    world.writer.submit(SetFlags(world.alice.pk, inbox, (2, 3), add=Flag.FLAGGED)).result()
    client = visit_as(world.alice.login)
    assert subjects(page(client, f"/mail/{inbox}/?show=unread")) == ["Letter 003", "Letter 002"]
    assert subjects(page(client, f"/mail/{inbox}/?show=starred")) == ["Letter 002", "Letter 001"]
    assert "No starred messages" in page(client, f"/mail/{named(world.alice, 'Sent').pk}/?show=starred")
    assert len(subjects(page(client, f"/mail/{inbox}/?show=odd"))) == 4


def test_a_list_of_conversations_shows_the_newest_of_each(world: World) -> None:
    for own, parent in (("a", ""), ("b", ""), ("c", "a"), ("d", "c")):
        fields = f"Subject: Letter {ord(own)}\r\nMessage-ID: <{own}@x>\r\n"
        fields += f"References: <a@x> <{parent}@x>\r\n" if parent else ""
        receive(world, world.alice, fields.encode() + b"\r\n")
    index(world)
    client = visit_as(world.alice.login)
    inbox = f"/mail/{world.inbox(world.alice).pk}/"
    text = page(client, f"{inbox}?conversations=1")
    assert subjects(text) == ["Letter 100", "Letter 98"]
    assert '<span class="soft">3</span>' in text
    assert len(subjects(page(client, inbox))) == 2
    assert len(subjects(page(client, f"{inbox}?conversations=0"))) == 4


def test_unread_and_flagged_messages_say_so_in_words(world: World) -> None:
    message = receive(world, world.alice, letter("Look"))
    change = SetFlags(world.alice.pk, message.mailbox_id, (message.uid,), add=Flag.FLAGGED)
    world.writer.submit(change).result()
    text = page(visit_as(world.alice.login), "/")
    assert "Unread: </span>Look" in text
    assert 'aria-label="starred, remove the star"' in text


def test_an_empty_inbox_says_what_will_be_here_and_how_to_send(world: World) -> None:
    text = page(visit_as(world.alice.login), "/")
    for word in ("No mail yet", "alice@example.org", "mail.example.org", "465", "587", "STARTTLS"):
        assert word in text


def test_a_header_can_not_put_html_into_the_list(world: World) -> None:
    receive(world, world.alice, letter("<script>alert(1)</script>", sender="x@remote.example"))
    text = page(visit_as(world.alice.login), "/")
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_the_mailbox_of_somebody_else_is_not_there(world: World) -> None:
    receive(world, world.bob, letter())
    client = visit_as(world.alice.login)
    assert client.get(f"/mail/{world.inbox(world.bob).pk}/").status_code == 404


def test_numbers_that_no_row_can_have_are_not_found(world: World) -> None:
    client = visit_as(world.alice.login)
    inbox = world.inbox(world.alice).pk
    for number in (HIGHEST + 1, 10**30):
        assert client.get(f"/mail/{number}/").status_code == 404
        assert client.get(f"/mail/{inbox}/{number}/").status_code == 404
        assert client.get(f"/sent/{number}/").status_code == 404
        assert client.get(f"/mail/{inbox}/?before={number}").status_code == 200
    assert client.get(f"/mail/{inbox}/?before=-1&after=x").status_code == 200
