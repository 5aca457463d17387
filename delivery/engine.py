"""The event loop on which a worker process talks to servers.

One loop in a thread of its own serves all delivery threads: they hand it a coroutine and wait. It owns what
belongs to a loop: the resolver with its cache, whom to trust in TLS, sessions that wait for more mail, and
results that wait for the writer.
"""

import asyncio
import concurrent.futures
import logging
import os
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from delivery.smtp.client.tls import Trust, load_trust
from delivery.transports.connections import ConnectionCache
from mail.dns.resolver import Resolver
from mail.process.eventloop import new_event_loop
from mail.process.handing_in import HandingIn

log = logging.getLogger(__name__)

Result = TypeVar("Result")

GOODBYE_SECONDS = 1.0
"""How long the servers of idle sessions have to say goodbye when the engine stops."""


class Engine:
    """Start it once in each process, after forking. Coroutines given to it must not block."""

    def __init__(
        self,
        *,
        nameserver: tuple[str, int] | None = None,
        trusted_nameserver: bool = False,
        ca_file: str | os.PathLike[str] | None = None,
    ) -> None:
        """`nameserver` and `trusted_nameserver` as Resolver has them; `ca_file` as load_trust.

        Raises mail.tls.errors.CertificateError when `ca_file` can't be read.
        """
        self.resolver = Resolver(nameserver, trusted=trusted_nameserver)
        self.trust: Trust = load_trust(ca_file)
        self.connections = ConnectionCache()
        self.handing_in = HandingIn()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._state = threading.Lock()

    def start(self) -> None:
        """Start the thread; returns when the loop runs. Starting twice is an error."""
        with self._state:
            if self._thread is not None:
                raise RuntimeError("the delivery engine runs already")
            loop = new_event_loop()
            running = threading.Event()
            loop.call_soon(running.set)
            self._thread = threading.Thread(
                target=self._serve, args=(loop,), name="delivery-engine", daemon=True
            )
            self._thread.start()
            running.wait()
            self._loop = loop
            self.connections = ConnectionCache()
            self.handing_in = HandingIn()

    def submit(self, work: Coroutine[Any, Any, Result]) -> concurrent.futures.Future[Result]:
        """Run a coroutine on the loop. Cancelling the future cancels it. The log session is the caller's.

        Raises RuntimeError when the engine does not run.
        """
        loop = self._loop
        if loop is None:
            work.close()
            raise RuntimeError("the delivery engine does not run")
        return asyncio.run_coroutine_threadsafe(work, loop)

    def run(self, work: Coroutine[Any, Any, Result], timeout_seconds: float) -> Result:
        """Run a coroutine and wait for its result.

        Raises TimeoutError when it takes longer, CancelledError when the engine stops meanwhile, and
        whatever the coroutine raises. If the waiting itself is interrupted, the coroutine is cancelled.
        """
        try:
            future = self.submit(_within(work, timeout_seconds))
        except RuntimeError:
            work.close()
            raise
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def stop(self, grace_seconds: float = 5.0) -> None:
        """Cancel what still runs, give it `grace_seconds` to clean up, and end the thread."""
        with self._state:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is None or thread is None:
            return
        ending = asyncio.run_coroutine_threadsafe(_end_all(self.connections, grace_seconds), loop)
        try:
            ending.result(GOODBYE_SECONDS + grace_seconds + 1)
        except TimeoutError:
            log.error(
                "the delivery engine did not stop in time", extra={"fields": {"seconds": grace_seconds}}
            )
        loop.call_soon_threadsafe(loop.stop)
        thread.join(grace_seconds)

    def __enter__(self) -> "Engine":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _serve(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_forever()
            # What a thread handed over in the last moment must not leave it waiting for ever.
            loop.run_until_complete(_cancel_all(1.0))
            loop.run_until_complete(loop.shutdown_asyncgens())
        finally:
            self.handing_in.close()
            asyncio.set_event_loop(None)
            loop.close()


async def _within(work: Coroutine[Any, Any, Result], seconds: float) -> Result:
    async with asyncio.timeout(seconds):
        return await work


async def _end_all(connections: ConnectionCache, grace_seconds: float) -> None:
    await connections.close(GOODBYE_SECONDS)
    await _cancel_all(grace_seconds)


async def _cancel_all(grace_seconds: float) -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=grace_seconds)
