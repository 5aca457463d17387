"""Hearing over Redis, where there is one, that imports have news, so that streams show them at once."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

from django.conf import settings

from importer.waking import CHANNEL

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.3
"""How often to look while nobody tells."""

HEARING_LOOK_SECONDS = 5.0
"""How often to look all the same."""

_HEALTH_SECONDS = 15
_PAUSE_SECONDS = 5.0


class Wakes:
    """The streams of one event loop that wait for news, and the task that hears of them."""

    def __init__(self) -> None:
        self._waiting: dict[int, set[asyncio.Event]] = {}
        self._hears = False
        self._task = asyncio.create_task(self._listen()) if settings.MOXSITE_REDIS_URL else None

    @contextmanager
    def of(self, import_id: int) -> Iterator[asyncio.Event]:
        """An event that is set whenever the import may have news."""
        woken = asyncio.Event()
        self._waiting.setdefault(import_id, set()).add(woken)
        try:
            yield woken
        finally:
            self._waiting[import_id].discard(woken)
            if not self._waiting[import_id]:
                del self._waiting[import_id]

    async def wait(self, woken: asyncio.Event) -> None:
        """Until there may be news. `woken` is to be cleared before one looks for them."""
        try:
            async with asyncio.timeout(HEARING_LOOK_SECONDS if self._hears else LOOK_SECONDS):
                await woken.wait()
        except TimeoutError:
            pass

    async def _listen(self) -> None:
        from redis import RedisError  # where there is no Redis, no process loads its client

        while True:
            try:
                await self._hear()
            except (OSError, ValueError, RedisError) as error:
                log.warning("news of imports are not heard", extra={"fields": {"error": str(error)}})
            finally:
                self._hears = False
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _hear(self) -> None:
        from redis.asyncio import Redis

        async with (
            Redis.from_url(settings.MOXSITE_REDIS_URL, health_check_interval=_HEALTH_SECONDS) as client,
            client.pubsub(ignore_subscribe_messages=True) as subscription,
        ):
            await subscription.subscribe(CHANNEL)
            self._hears = True
            self._wake(*self._waiting)  # for what was told before
            while True:
                message = await subscription.get_message(timeout=_HEALTH_SECONDS)
                if message is not None:
                    self._wake(int(message["data"]))

    def _wake(self, *imports: int) -> None:
        for import_id in imports:
            for woken in self._waiting.get(import_id, ()):
                woken.set()


_of_loops: "WeakKeyDictionary[asyncio.AbstractEventLoop, Wakes]" = WeakKeyDictionary()


def wakes() -> Wakes:
    """Those of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _of_loops:
        _of_loops[loop] = Wakes()
    return _of_loops[loop]
