"""Waking dispatchers: of this host through sockets in the data directory, of others over the network.

A wake-up says only “look again”. Dispatchers look each second anyway, so a lost one costs no more than that.
"""

import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.db import Error, connection

from delivery.queue.wake_topic import WAKE_TOPIC
from mail.wake import poke

log = logging.getLogger(__name__)

CHANNEL = "moxsite_delivery"
LOOK_SECONDS = 0.5
"""How often one who listens looks whether it is to stop."""
_PAUSE_SECONDS = 5.0


class Carrier(Protocol):
    """What carries wake-ups from host to host. For one thread."""

    def send(self, sender: str) -> None:
        """Wake the others. Raises OSError or django.db.Error."""

    def received(self, stopping: threading.Event) -> Iterator[str]:
        """Who sent a wake-up, as they come, until the end. Raises as `send`."""


class PostgresCarrier:
    """NOTIFY and LISTEN, over the calling thread's connection to the database."""

    def send(self, sender: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, sender])

    def received(self, stopping: threading.Event) -> Iterator[str]:
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"LISTEN {CHANNEL}")
            while not stopping.is_set():
                for notification in connection.connection.notifies(timeout=LOOK_SECONDS):
                    yield notification.payload
        finally:
            connection.close()


def carrier() -> Carrier | None:
    """What carries wake-ups here; None with SQLite and without Redis, where there is only one host."""
    if settings.MOXSITE_REDIS_URL:
        # Where there is no Redis, no process loads its client: it takes 90 ms.
        from delivery.queue.redis_carrier import RedisCarrier

        return RedisCarrier(settings.MOXSITE_REDIS_URL)
    return PostgresCarrier() if connection.vendor == "postgresql" else None


def wake_dispatchers(folder: Path | None = None) -> None:
    """Let all dispatchers look for what is due now. Not for event loops. Never fails.

    `folder` is where those of this host listen, by default run in the data directory.
    """
    folder = folder or settings.DATA / "run"
    poke(folder, WAKE_TOPIC)
    others = carrier()
    if others is None:
        return
    try:
        others.send(_name(folder))
    except (OSError, Error) as error:
        log.debug("other hosts could not be woken", extra={"fields": {"error": str(error)}})


class OtherHosts:
    """Passes on the wake-ups that come from other hosts."""

    def __init__(self, woken: Callable[[], None], folder: Path | None = None) -> None:
        self._woken = woken
        self._own = _name(folder or settings.DATA / "run")
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="other-hosts", daemon=True)

    def start(self) -> None:
        """Begin listening, where there is something to listen to."""
        if carrier() is not None:
            self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                self._listen()
            except (OSError, Error) as error:
                log.warning("other hosts are not heard", extra={"fields": {"error": str(error)}})
                self._stopping.wait(_PAUSE_SECONDS)

    def _listen(self) -> None:
        source = carrier()
        assert source is not None
        for sender in source.received(self._stopping):
            if sender != self._own:
                self._woken()


def _name(folder: Path) -> str:
    """The dispatchers that listen in one folder."""
    return f"{socket.gethostname()} {os.path.realpath(folder)}"
