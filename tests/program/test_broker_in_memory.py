from kombu import Queue
from kombu.transport.memory import Channel

from moxsite.celery import app
from moxsite.worker.queues import declare_queues


def test_a_task_is_put_into_the_queue_that_was_declared_before() -> None:
    name = "declared-before"
    app.amqp.queues.add(Queue(name))
    declare_queues(app, [name])
    queue = Channel.queues[name]
    app.send_task("nobody.takes.it", queue=name)
    assert Channel.queues[name] is queue
    assert queue.qsize() == 1
