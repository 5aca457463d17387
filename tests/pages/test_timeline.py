"""The timeline of a recipient, for its sender and for admins."""

import re
from html import unescape

import pytest

from delivery.models import Attempt, QueuedRecipient, QueueEvent, State
from mail import clock
from tests.pages.visiting import page, send, tried, visit_as
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")

Outcome, Kind = Attempt.Outcome, QueueEvent.Kind


@pytest.fixture
def row(world: World) -> QueuedRecipient:
    return send(world, world.alice, "bob@example.net").recipients.get()


def begin(row: QueuedRecipient) -> Attempt:
    """An attempt under way, under a lease."""
    row.attempts += 1
    row.lease_token, row.lease_until = 7, clock.now() + clock.MINUTE
    row.save()
    return Attempt.objects.create(
        id=row.id * 100 + row.attempts, recipient=row, number=row.attempts, started=clock.now(), rule="r"
    )


def happened(row: QueuedRecipient, kind: QueueEvent.Kind, text: str = "", by: str = "") -> None:
    clock.advance(clock.SECOND)
    QueueEvent.objects.create(
        id=row.id * 100 + 50 + row.events.count(),
        recipient=row,
        moment=clock.now(),
        kind=kind,
        by=by,
        text=text,
    )


def told_to_sender(world: World, row: QueuedRecipient) -> str:
    return words(page(visit_as(world.alice.login), f"/sent/{row.message_id}/"))


def told_to_admin(world: World, row: QueuedRecipient) -> str:
    return words(page(visit_as(world.admin), f"/admin/delivery/queuedrecipient/{row.pk}/change/"))


def words(html: str) -> str:
    """The text of a page on one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_everything_stands_in_the_order_in_which_it_happened(world: World, row: QueuedRecipient) -> None:
    tried(row, Outcome.TEMPORARY, "451 4.7.1 greylisted, try again later")
    happened(row, Kind.HELD, "waiting for the boss", by="root")
    happened(row, Kind.RELEASED)
    happened(row, Kind.NOTICE, "of the delay")
    clock.advance(clock.SECOND)
    tried(row, Outcome.DELIVERED, "250 2.0.0 queued as 4BX")
    expected = re.compile(
        r"accepted from 192\.0\.2\.9 over TLS 1\.3, login alice session 4bxk9z0t1q .*"
        r'route account rule 1 "to example\.net" → transport relay .*'
        r"attempt 1 .*451 4\.7\.1 greylisted.* held waiting for the boss · by an administrator .*"
        r"released .* sender was told of the delay .* attempt 2 .*250 2\.0\.0 queued as 4BX .*"
        r"settled delivered"
    )
    said = told_to_sender(world, row)
    assert expected.search(said), said
    assert said.count("route account rule 1") == 1
    assert "root" not in said


def test_admins_read_who_did_it_and_may_ask_why(world: World, row: QueuedRecipient) -> None:
    tried(row, Outcome.TEMPORARY, "451 4.7.1 greylisted")
    happened(row, Kind.TRANSPORT, "other", by="root")
    assert "transport set other · by root" in told_to_admin(world, row)
    text = page(visit_as(world.admin), f"/admin/delivery/queuedrecipient/{row.pk}/change/")
    link = f"/admin/explain/?queued={row.pk}&amp;attempt=1"
    assert link in text
    assert 'name="attempt" value="1"' in page(visit_as(world.admin), unescape(link))
    assert "explain" not in page(visit_as(world.alice.login), f"/sent/{row.message_id}/")


def test_the_hosts_that_were_tried_are_listed_with_their_failures(world: World, row: QueuedRecipient) -> None:
    attempt = tried(row, Outcome.DELIVERED, "250 2.0.0 ok")
    attempt.policy = "mta-sts"
    attempt.tries = [
        {
            "host": "mx1.example",
            "port": 25,
            "ip": "",
            "failure": "451 4.4.1 Connection refused",
            "seconds": 0.2,
        },
        {
            "host": "mx2.example",
            "port": 25,
            "ip": "192.0.2.25",
            "failure": "",
            "seconds": 1.25,
            "reused": True,
        },
        "not what it should be",
    ]
    attempt.save()
    said = told_to_sender(world, row)
    assert "mx1.example:25: 451 4.4.1 Connection refused 0.20 s" in said
    assert "mx2.example:25 192.0.2.25: took the session kept open from an earlier message" in said
    assert "TLS policy: mta-sts" in said


def test_an_attempt_under_its_lease_is_under_way(world: World, row: QueuedRecipient) -> None:
    begin(row)
    said = told_to_sender(world, row)
    assert "An attempt is under way." in said
    assert "interrupted" not in said


def test_an_attempt_whose_lease_ended_was_interrupted(world: World, row: QueuedRecipient) -> None:
    begin(row)
    clock.advance(2 * clock.MINUTE)
    told = "The program stopped during this attempt; the message may have been taken."
    said = told_to_sender(world, row)
    assert f"interrupted {told}" in said
    assert "The next attempt is due now." in said
    tried(row, Outcome.DELIVERED, "250 2.0.0 ok")
    said = told_to_admin(world, row)
    assert f"interrupted {told}" in said
    assert "took it over" in said


def test_local_and_dropped_mail_have_a_timeline_too(world: World, row: QueuedRecipient) -> None:
    settled = {"due": None, "settled": clock.now()}
    QueuedRecipient.objects.update(state=State.DELIVERED, local_account="bob", **settled)
    assert "settled delivered into a mailbox of this server" in told_to_sender(world, row)
    QueuedRecipient.objects.update(state=State.DROPPED, local_account="", **settled)
    assert "Removed from the queue" in told_to_sender(world, row)


def test_a_notice_of_this_server_has_no_login(world: World, row: QueuedRecipient) -> None:
    message = row.message
    message.remote_ip = message.login = message.session = message.tls = message.sender_domain = ""
    message.save()
    assert "accepted made by this server" in told_to_admin(world, row)
