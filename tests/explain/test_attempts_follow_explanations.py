"""Whatever the routes are: an attempt takes the transport that was explained, by the same rule."""

from random import Random

import pytest

from delivery.models import Attempt, QueuedRecipient, Route, Transport
from delivery.queue.choice import Chooser
from delivery.queue.explain import explain
from delivery.queue.explain_question import queued_question
from mail.configuration.snapshots import snapshots
from tests.explain.rule_sets import DOMAINS, PATTERNS, TRANSPORTS
from tests.world.delivering import deliverer
from tests.world.submissions import queue_letter
from tests.world.world import World

SETS = 20


def store_routes(world: World, draw: Random) -> None:
    """Some routes at each level, by transports that refuse everything for now."""
    Route.objects.all().delete()
    patterns = [*PATTERNS, "example.org", ".example.org"]
    owners: list[dict[str, object]] = [{"account": world.alice}, {"domain": world.example_org}, {}]
    for owner in owners:
        for position in range(draw.randrange(3)):
            Route.objects.create(
                **owner,
                position=position,
                from_domains=draw.sample(patterns, draw.randrange(2)),
                to_domains=draw.sample(patterns, draw.randrange(3)),
                minimum_attempts=draw.randrange(3),
                transport=Transport.objects.get(name=draw.choice(TRANSPORTS)),
            )
    # Whatever matches nothing must not look for servers.
    Route.objects.create(position=9, transport=Transport.objects.get(name=TRANSPORTS[0]))


@pytest.mark.only_database("sqlite")
def test_attempts_take_the_transport_that_was_explained(world: World) -> None:
    draw = Random(3)
    for name in TRANSPORTS:
        Transport.objects.create(name=name, kind="fail", settings={"smtp_code": 450})
    for _ in range(SETS):
        store_routes(world, draw)
        (row,) = queue_letter(world, f"carol@{draw.choice(DOMAINS)}")
        QueuedRecipient.objects.filter(pk=row.pk).update(attempts=draw.randrange(4))
        row = QueuedRecipient.objects.select_related("message").get(pk=row.pk)
        explanation = explain(Chooser(), snapshots().refresh_now(), queued_question(row))
        with deliverer(world) as worker:
            assert worker.deliver_due() == 1
        attempt = Attempt.objects.get(recipient=row)
        assert (attempt.transport, attempt.rule) == (explanation.transport.name, explanation.rule)
        assert attempt.number == explanation.coming[0].number
        assert [each.rule for each in explanation.examined if each.decides] == [attempt.rule]
        row.refresh_from_db()
        if len(explanation.coming) > 1:
            assert row.due is not None
            span = explanation.coming[1].due - explanation.coming[0].due
            assert row.due - attempt.started == span
