"""The queues of a broker in memory, which must be there before threads use them."""

from collections.abc import Iterable

from celery import Celery


def declare_queues(app: Celery, names: Iterable[str]) -> None:
    """Make the queues from one thread.

    kombu's broker in memory makes a queue at its first use, without a lock: when a task is published while
    the consumer begins, each may make one of its own, and the task is lost.
    """
    with app.connection_for_write() as connection:
        for name in names:
            app.amqp.queues[name](connection.default_channel).declare()
