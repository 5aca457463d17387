from kombu.transport.memory import Channel

from moxsite.celery import app
from moxsite.worker.queues import declare_queues


def test_a_task_is_put_into_the_queue_that_was_declared_before() -> None:
    names = ["declared-before"]
    app.amqp.queues.add(names[0])
    declare_queues(app, names)
    queue = Channel.queues[names[0]]
    app.send_task("nobody.takes.it", queue=names[0])
    assert Channel.queues[names[0]] is queue
    assert queue.qsize() == 1
