from delivery.models import Attempt, QueuedRecipient, State
from moxsite.pages.cursor import PAGE
from moxsite.pages.timeline import RECIPIENTS_PER_PAGE
from tests.pages.visiting import page, send, tried, visit_as
from tests.world.world import World

Outcome = Attempt.Outcome


def recipient(world: World, *addresses: str) -> list[QueuedRecipient]:
    return list(send(world, world.alice, *addresses).recipients.order_by("id"))


def test_each_recipient_has_a_chip_with_its_state(world: World) -> None:
    waiting, delivered, failed, held, dropped = recipient(
        world, "a@x.example", "b@x.example", "c@x.example", "d@x.example", "e@x.example"
    )
    tried(delivered, Outcome.DELIVERED, "250 2.0.0 queued")
    tried(failed, Outcome.PERMANENT, "550 5.1.1 no such user")
    QueuedRecipient.objects.filter(pk=held.pk).update(held=True)
    QueuedRecipient.objects.filter(pk=dropped.pk).update(state=State.DROPPED, due=None)
    assert waiting.state == State.WAITING
    text = page(visit_as(world.alice.login), f"/sent/{waiting.message_id}/")
    for colour, word in [
        ("amber", "waiting"),
        ("green", "delivered"),
        ("red", "failed"),
        ("blue", "held"),
        ("grey", "dropped"),
    ]:
        assert f'<span class="chip {colour}">{word}</span>' in text


def test_the_timeline_tells_every_attempt(world: World) -> None:
    (row,) = recipient(world, "bob@example.net")
    tried(row, Outcome.TEMPORARY, "451 4.7.1 greylisted, try again later")
    tried(row, Outcome.DELIVERED, "250 2.0.0 queued as 4BX")
    text = page(visit_as(world.alice.login), f"/sent/{row.message_id}/")
    for words in (
        "account rule 1 &quot;to example.net&quot; → transport relay",
        "192.0.2.25",
        "TLS 1.3",
        "0.41 s",
        "451 4.7.1 greylisted, try again later",
        "250 2.0.0 queued as 4BX",
        "relay.example took it over",
        "4bxk9z0t1q",
    ):
        assert words in text


def test_a_refused_login_is_said_in_words_with_the_next_attempt(world: World) -> None:
    (row,) = recipient(world, "bob@example.net")
    tried(row, Outcome.TEMPORARY, "535 5.7.8 authentication failed", stage="auth")
    text = page(visit_as(world.alice.login), f"/sent/{row.message_id}/")
    assert (
        "relay.example refused the login: “535 5.7.8 authentication failed”. It will be tried again at"
        in text
    )


def test_mail_that_is_due_is_not_promised_for_the_past(world: World) -> None:
    (row,) = recipient(world, "bob@example.net")
    world.clock.advance(10 * world.clock.MINUTE)
    assert "The next attempt is due now." in page(visit_as(world.alice.login), f"/sent/{row.message_id}/")


def test_the_list_names_some_recipients_and_counts_the_others(world: World) -> None:
    rows = recipient(world, *(f"r{number}@x.example" for number in range(7)))
    tried(rows[0], Outcome.DELIVERED, "250 2.0.0 ok")
    text = page(visit_as(world.alice.login), "/sent/")
    assert "r3@x.example" in text
    assert "r4@x.example" not in text
    assert "and 3 more: 6 waiting, 1 delivered in all" in text


def test_sent_messages_are_paged_without_losing_one(world: World) -> None:
    total = PAGE + 3
    for number in range(total):
        send(world, world.alice, "bob@example.net", subject=f"Letter {number:03}")
    client = visit_as(world.alice.login)
    first = page(client, "/sent/")
    assert "Letter 052" in first
    assert "Letter 002" not in first
    link = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = page(client, f"/sent/{link}")
    assert [f"Letter {number:03}" in second for number in range(4)] == [True, True, True, False]


def test_many_recipients_are_shown_in_pages(world: World) -> None:
    rows = recipient(world, *(f"r{number:02}@x.example" for number in range(RECIPIENTS_PER_PAGE + 2)))
    client = visit_as(world.alice.login)
    first = page(client, f"/sent/{rows[0].message_id}/")
    assert "r49@x.example" in first
    assert "r50@x.example" not in first
    assert "r51@x.example" in page(client, f"/sent/{rows[0].message_id}/?after={rows[49].id}")


def test_international_addresses_are_shown_as_they_are_read(world: World) -> None:
    (row,) = recipient(world, "jörg@xn--mnchen-3ya.example")
    text = page(visit_as(world.alice.login), f"/sent/{row.message_id}/")
    assert '<span title="jörg@xn--mnchen-3ya.example">jörg@münchen.example</span>' in text


def test_what_somebody_else_sent_is_not_there(world: World) -> None:
    message = send(world, world.bob, "carol@remote.example", subject="Secret")
    client = visit_as(world.alice.login)
    assert client.get(f"/sent/{message.id}/").status_code == 404
    assert "Secret" not in page(client, "/sent/")


def test_an_empty_page_says_what_will_be_here(world: World) -> None:
    assert "Nothing sent yet" in page(visit_as(world.alice.login), "/sent/")
