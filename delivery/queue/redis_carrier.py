"""Wake-ups by way of Redis."""

import threading
from collections.abc import Iterator

import redis

from delivery.queue.waking import CHANNEL, LOOK_SECONDS


class RedisCarrier:
    """PUBLISH and SUBSCRIBE. What Redis reports comes as ConnectionError."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(url, socket_timeout=5.0)

    def send(self, sender: str) -> None:
        """Wake the others."""
        try:
            self._redis.publish(CHANNEL, sender)
        except redis.RedisError as error:
            raise ConnectionError(str(error)) from error

    def received(self, stopping: threading.Event) -> Iterator[str]:
        """Who sent a wake-up, as they come."""
        try:
            with self._redis.pubsub(ignore_subscribe_messages=True) as subscription:  # type: ignore[no-untyped-call]
                subscription.subscribe(CHANNEL)
                while not stopping.is_set():
                    message = subscription.get_message(timeout=LOOK_SECONDS)
                    if message is not None:
                        yield message["data"].decode()
        except redis.RedisError as error:
            raise ConnectionError(str(error)) from error
