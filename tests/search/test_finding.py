from email.message import EmailMessage

import pytest

from mail.models import Flag
from mail.search.finding import Search
from mail.search.query import parse_query
from mail.store.accept import AcceptMessage
from mail.store.deliver import LocalDelivery
from mail.store.flags import SetFlags
from mail.store.moving import MoveMessages
from tests.pages.visiting import letter_with_everything, wire
from tests.world.indexing import found, index
from tests.world.letters import new_content
from tests.world.mailboxes import fill, named
from tests.world.world import World


def put(
    world: World,
    subject: str,
    text: str = "Words.",
    *,
    sender: str = "Carol <carol@remote.example>",
    to: str = "alice@example.org",
    html: str = "",
    mailbox: str = "Inbox",
    received: int | None = None,
) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    delivery = LocalDelivery(world.alice.pk, mailbox, b"", "", "", received=received)
    world.writer.submit(AcceptMessage(new_content(wire(message)), (delivery,))).result()


@pytest.fixture
def filled(world: World) -> World:
    day = world.clock.DAY
    put(world, "Numbers", "The quarterly numbers", sender="Bob <bob@example.net>", received=100 * day)
    put(world, "House", "Keys are under the mat", to="Dora <dora@remote.example>", received=300 * day)
    put(world, "Größe", "Zürich: 東京都の天気", received=200 * day)
    put(world, "Rich", "plain only", html="<p>unseen</p>", received=400 * day, mailbox="Archive")
    put(world, "Offer", "Cheap numbers", received=500 * day, mailbox="Junk")
    index(world)
    return world


@pytest.mark.parametrize(
    ("text", "subjects"),
    [
        ("numbers", ["Numbers"]),
        ("NUMBERS in:anywhere", ["Offer", "Numbers"]),
        ("in:junk cheap", ["Offer"]),
        ("from:bob", ["Numbers"]),
        ("from:bob@example.net", ["Numbers"]),
        ("from:example.net", ["Numbers"]),
        ("from:numbers", []),
        ("to:dora", ["House"]),
        ("to:dora@remote.example", ["House"]),
        ("subject:house", ["House"]),
        ("subject:mat", []),
        ("body:mat", ["House"]),
        ("quarterly numbers", ["Numbers"]),
        ('"numbers quarterly"', []),
        ('"quarterly numbers"', ["Numbers"]),
        ("quart*", ["Numbers"]),
        ("quart", ["Numbers"]),
        ('"quart"', []),
        ("qu", []),
        ("-words -numbers", ["Rich", "House", "Größe"]),
        ("zurich", ["Größe"]),
        ("ZÜRICH", ["Größe"]),
        ("grosse", ["Größe"]),
        ("京都", ["Größe"]),
        ("都京", []),
        ("plain", ["Rich"]),
        ("before:1970-08", ["Größe", "Numbers"]),
        ("after:1970-08 in:inbox", ["House"]),
        ("on:1970-04-11", ["Numbers"]),
        ("in:archive", ["Rich"]),
        ("-in:archive", ["House", "Größe", "Numbers"]),
        ("is:unread in:archive", ["Rich"]),
        ("is:starred", []),
        ("larger:1MB", []),
        ("smaller:1MB in:archive", ["Rich"]),
    ],
)
def test_a_query_finds(filled: World, text: str, subjects: list[str]) -> None:
    assert found(filled, text) == subjects


def test_flags_and_keywords_are_those_of_now(filled: World) -> None:
    inbox = named(filled.alice, "Inbox").pk
    marking = SetFlags(
        filled.alice.pk, inbox, (1,), add=Flag.SEEN | Flag.FLAGGED, add_keywords=("Work", "100%_sure")
    )
    filled.writer.submit(marking).result()
    assert found(filled, "is:starred") == found(filled, "is:read") == ["Numbers"]
    assert found(filled, "tag:work") == found(filled, "tag:100%_sure") == ["Numbers"]
    assert found(filled, "tag:%") == []
    assert found(filled, "-tag:work in:inbox") == ["House", "Größe"]


def test_attachments_are_found_by_name_and_asked_for(filled: World) -> None:
    delivery = LocalDelivery(filled.alice.pk, "Inbox", b"", "", "")
    filled.writer.submit(AcceptMessage(new_content(letter_with_everything()), (delivery,))).result()
    index(filled)
    assert found(filled, "has:attachment") == found(filled, "zurich plan") == ["Pictures"]
    assert "Pictures" not in found(filled, "-has:attachment")


def test_a_moved_message_is_found_where_it_is(filled: World) -> None:
    inbox, archive = named(filled.alice, "Inbox").pk, named(filled.alice, "Archive").pk
    filled.writer.submit(MoveMessages(filled.alice.pk, inbox, (1,), archive)).result()
    assert found(filled, "quarterly in:archive") == ["Numbers"]
    assert index(filled) == 0


def test_nobody_finds_mail_of_others(filled: World) -> None:
    fill(filled, filled.bob, "Numbers of bob")
    index(filled)
    assert found(filled, "numbers") == ["Numbers"]
    assert len(Search(filled.bob, parse_query("numbers")).newest(9)) == 1


def test_pages_follow_each_other_in_both_directions(world: World) -> None:
    fill(world, world.alice, *(f"Letter {number}" for number in range(7)))
    index(world)
    search = Search(world.alice, parse_query("letter"))
    first = search.newest(3)
    second = search.newest(3, before=first[-1])
    assert search.oldest(3, after=second[0]) == list(reversed(first))
    assert sorted(first + second + search.newest(3, before=second[-1])) == search.oldest(10)


def test_everything_gives_each_result_once(filled: World) -> None:
    results = Search(filled.alice, parse_query("numbers in:anywhere")).everything()
    assert sorted(results) == sorted(
        [(named(filled.alice, "Inbox").pk, 1), (named(filled.alice, "Junk").pk, 1)]
    )


def test_an_unknown_mailbox_is_said(filled: World) -> None:
    search = Search(filled.alice, parse_query("numbers in:nowhere"))
    assert search.problems == ["There is no mailbox “nowhere”."]
    assert search.newest(10) == []
