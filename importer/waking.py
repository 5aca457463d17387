"""Telling over Redis, where there is one, that an import has news, so that they are shown at once.

A wake-up says only “look again”. Who listens looks now and then anyway, so a lost one costs little.
"""

import logging
import threading
from queue import SimpleQueue

from django.conf import settings
from django.db import transaction

log = logging.getLogger(__name__)

CHANNEL = "moxsite_import_events"
"""Messages on it are the ids of imports."""

_TIMEOUT_SECONDS = 5.0


class _Publisher:
    """A thread of its own: nobody who writes waits for the network."""

    def __init__(self) -> None:
        self._ids: SimpleQueue[int] = SimpleQueue()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def publish(self, import_id: int) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="import-news", daemon=True)
                self._thread.start()
        self._ids.put(import_id)

    def _work(self) -> None:
        import redis  # where there is no Redis, no process loads its client

        while True:
            ids = {self._ids.get()}
            while not self._ids.empty():
                ids.add(self._ids.get())
            try:
                with redis.Redis.from_url(
                    settings.MOXSITE_REDIS_URL, socket_timeout=_TIMEOUT_SECONDS
                ) as client:
                    for import_id in ids:
                        client.publish(CHANNEL, import_id)
            except (OSError, ValueError, redis.RedisError) as error:
                log.debug("news of imports could not be told", extra={"fields": {"error": str(error)}})


_publisher = _Publisher()


def tell_of_news(import_id: int) -> None:
    """Let those who show the import look for its events once the transaction under way is committed."""
    if settings.MOXSITE_REDIS_URL:
        transaction.on_commit(lambda: _publisher.publish(import_id))
