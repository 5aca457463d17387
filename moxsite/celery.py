"""The Celery application. Tasks are only attempts: the rows of the database are the queue.

Started by `manage.py runworker` with a broker in its own memory, or as `celery -A moxsite worker` with
Redis or RabbitMQ.
"""

import os

import django
from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moxsite.settings")
django.setup()

from django.conf import settings  # noqa: E402

from moxsite.checks import refuse_errors  # noqa: E402
from moxsite.logs.celery import keep_own_logging  # noqa: E402
from moxsite.worker.steps import BackgroundStep, ClosingStep, DeliveryStep  # noqa: E402

THREADS = 1200
"""Attempts that one worker process makes at a time; most of them wait for the network.

More than 1000, so that as many slow destinations do not keep a fast one waiting. A thread is started when it
is needed, and takes about 80 kB.
"""

BROKER_IN_MEMORY = settings.CELERY_BROKER_URL.startswith("memory:")

keep_own_logging()
app = Celery("moxsite")
app.conf.update(
    # A broker in memory has no host; without a name kombu warns that it takes this one.
    broker_url="memory://localhost" if BROKER_IN_MEMORY else settings.CELERY_BROKER_URL,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"polling_interval": 0.02} if BROKER_IN_MEMORY else {},
    task_ignore_result=True,
    task_acks_late=False,
    task_routes={"delivery.*": {"queue": "delivery"}, "background.*": {"queue": "background"}},
    task_queues=None,
    worker_prefetch_multiplier=1,
    worker_enable_remote_control=False,
    worker_hijack_root_logger=False,
    worker_pool="threads",
    worker_concurrency=THREADS,
)
app.set_default()
app.autodiscover_tasks(["delivery.queue", "moxsite.worker"], related_name="tasks", force=True)
for _step in (DeliveryStep, BackgroundStep, ClosingStep):
    app.steps["worker"].add(_step)


@signals.worker_init.connect
def _check(**_arguments: object) -> None:
    """A worker that Celery's own command starts is checked as ours are."""
    refuse_errors()
