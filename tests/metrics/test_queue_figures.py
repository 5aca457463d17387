"""The figures of the queue for /metrics and /healthz."""

import pytest
from django.db import connection

from delivery.models import QueuedRecipient
from delivery.queue.figures import QueueFigures, oldest_due_age, queue_figures
from mail import clock
from tests.world.submissions import queue_letter
from tests.world.world import World


def test_they_tell_what_waits_what_is_due_since_when_and_what_is_held(world: World) -> None:
    assert queue_figures() == QueueFigures(0, 0, 0, 0)
    first, second, third, fourth = queue_letter(world, *(f"c{n}@remote.example" for n in range(4)))
    now = clock.now()
    for row, due in ((first, now - clock.HOUR), (second, now - clock.MINUTE), (third, now + clock.HOUR)):
        QueuedRecipient.objects.filter(pk=row.pk).update(due=due)
    QueuedRecipient.objects.filter(pk=fourth.pk).update(held=True, due=now - clock.DAY)
    figures = queue_figures()
    assert (figures.waiting, figures.due, figures.held) == (3, 2, 1)
    assert 0 <= figures.oldest_due_age - clock.HOUR < clock.MINUTE
    QueuedRecipient.objects.filter(pk=first.pk).update(state="delivered", due=None)
    assert oldest_due_age() < 2 * clock.MINUTE


@pytest.mark.only_database("sqlite")
def test_an_index_leads_to_what_waits(world: World) -> None:
    queue_letter(world, "carol@remote.example")
    statements: list[str] = []

    def note(execute: object, sql: str, *rest: object) -> object:
        statements.append(sql)
        return execute(sql, *rest)  # type: ignore[operator]

    with connection.execute_wrapper(note):
        queue_figures()
    with connection.cursor() as cursor:
        for sql in statements:
            if "AND held" in sql:
                continue
            cursor.execute("EXPLAIN QUERY PLAN " + sql.replace("%s", "1"))
            (plan,) = [row[3] for row in cursor.fetchall()]
            assert "INDEX queue_by_due" in plan, plan
