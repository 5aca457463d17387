"""The notices that attempts give rise to: when, to whom, and with the times that really come."""

from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import pytest

from delivery.models import QueuedMessage, QueuedRecipient
from mail import clock
from tests.dsn.reports import blocks, parse, parts
from tests.world.delivering import deliverer
from tests.world.dns import FakeDns
from tests.world.smtp_peer import Ordinary, SmtpPeer
from tests.world.submissions import queue_letter
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")

CAROL = "carol@remote.example"


@pytest.fixture
def dns() -> Iterator[FakeDns]:
    with FakeDns(
        {"remote.example": {"MX": ["10 mx.remote.example."]}, "mx.remote.example": {"A": ["127.0.0.1"]}}
    ) as server:
        yield server


def wait_for_next(row: QueuedRecipient) -> clock.Moment:
    row.refresh_from_db()
    assert row.due is not None
    due: clock.Moment = row.due
    clock.advance(due - clock.now() + 1)
    return due


def test_the_delay_notice_names_the_times_at_which_attempts_come(world: World, dns: FakeDns) -> None:
    with (
        SmtpPeer(Ordinary(rcpt={CAROL: "451 4.7.1 later"})) as server,
        deliverer(world, dns, smtp_port=server.port) as worker,
    ):
        (row,) = queue_letter(world, CAROL)
        for _ in range(5):
            wait_for_next(row)
            worker.deliver_due()
        (late,) = world.messages(world.alice)
        coming = []
        while QueuedRecipient.objects.get(pk=row.pk).state == "waiting":
            coming.append(wait_for_next(row))
            worker.deliver_due()
    assert len(coming) == 3
    text, status, _ = parts(parse(world.message_bytes(late)))
    carol = blocks(status)[1]
    assert (carol["Action"], carol["Status"]) == ("delayed", "4.7.1")
    assert carol["Remote-MTA"] == "dns; mx.remote.example (127.0.0.1)"
    until = parsedate_to_datetime(str(carol["Will-Retry-Until"]))
    assert abs(clock.from_datetime(until) - coming[-1]) < 2 * clock.SECOND
    told = " ".join(str(text.get_content()).split())
    for moment in coming:
        assert f"{clock.as_datetime(moment):%A, %d %B %Y, %H:%M} UTC" in told
    failure = parse(world.message_bytes(world.messages(world.alice)[-1]))
    assert blocks(parts(failure)[1])[1]["Status"] == "5.7.1"


def test_nobody_is_told_about_a_message_without_envelope_sender(world: World, dns: FakeDns) -> None:
    with (
        SmtpPeer(Ordinary(rcpt={CAROL: "550 5.1.1 no such user"})) as server,
        deliverer(world, dns, smtp_port=server.port) as worker,
    ):
        (row,) = queue_letter(world, CAROL)
        QueuedMessage.objects.update(sender_localpart="", sender_domain="")
        worker.deliver_due()
    row.refresh_from_db()
    assert row.state == "failed"
    assert world.messages(world.alice) == []
