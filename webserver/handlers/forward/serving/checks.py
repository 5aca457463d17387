"""Health checks: each backend is asked for a path from time to time, whether it is in use or not."""

import asyncio
import logging
import ssl
from collections.abc import Iterable
from typing import Final

from mail import clock
from webserver.handlers.forward.health import BackendState
from webserver.handlers.forward.serving.backend_connection import BackendConnection
from webserver.handlers.forward.serving.pool import Pool
from webserver.handlers.forward.serving.pools import Pools
from webserver.handlers.forward.serving.response import BrokenResponse, head_end, parse_response
from webserver.metrics import BACKEND_CHECKS, UNWELL_BACKENDS
from webserver.routing.hosts import url_host
from webserver.routing.request import DEFAULT_PORTS
from webserver.routing.values import Backend, ForwardSettings, HealthCheck, WebSnapshot

log = logging.getLogger(__name__)

MOST_SECONDS: Final = 10.0
"""How long a backend may take to answer."""

FAILURES: Final = 2
"""In succession, before a backend is unwell. After the first one it is asked again soon."""

AGAIN_SECONDS: Final = 1.0

_Key = tuple[Backend, HealthCheck]


class Checks:
    """The checks of the configuration in force. Event loop only."""

    def __init__(self, pools: Pools) -> None:
        self._pools = pools
        self._running: dict[_Key, asyncio.Task[None]] = {}

    def follow(self, web: WebSnapshot) -> None:
        """Check what this configuration says, from now on."""
        wanted = {
            (backend, handler.settings.health)
            for handler in web.handlers
            if isinstance(handler.settings, ForwardSettings) and handler.settings.health is not None
            for backend in handler.settings.backends
        }
        for key in set(self._running) - wanted:
            self._running.pop(key).cancel()
            self._pools.pool(key[0]).unwell.pop(key[1], None)
            _count(self._pools.pool(key[0]))
        for key in wanted - set(self._running):
            self._running[key] = asyncio.get_running_loop().create_task(
                _go_on(self._pools.pool(key[0]), key[1])
            )

    def close(self) -> None:
        """Check no more."""
        for task in self._running.values():
            task.cancel()
        self._running.clear()

    def states(self) -> Iterable[BackendState]:
        """Every backend that was used or checked, with what is wrong with it."""
        for pool in self._pools:
            yield BackendState(pool.backend.url, pool.problem, pool.checked)


async def _go_on(pool: Pool, check: HealthCheck) -> None:
    failures = 0
    while True:
        problem = await probe(pool, check)
        failures = failures + 1 if problem else 0
        pool.checked = clock.now()
        BACKEND_CHECKS.add(pool.backend.url, "failed" if problem else "passed")
        if not problem or failures >= FAILURES:
            _note(pool, check, problem)
        await asyncio.sleep(min(check.seconds, AGAIN_SECONDS) if failures == 1 else check.seconds)


def _note(pool: Pool, check: HealthCheck, problem: str) -> None:
    before = pool.unwell.pop(check, "")
    fields = {"backend": pool.backend.url, "path": check.path}
    if problem:
        pool.unwell[check] = problem
        if not before:
            log.warning("a backend is unwell", extra={"fields": fields | {"reason": problem}})
    elif before:
        log.info("a backend is well again", extra={"fields": fields})
        pool.works()
    _count(pool)


def _count(pool: Pool) -> None:
    UNWELL_BACKENDS.set(pool.backend.url, to=1 if pool.unwell else 0)


async def probe(pool: Pool, check: HealthCheck) -> str:
    """Ask once: what is wrong, or ""."""
    try:
        async with asyncio.timeout(MOST_SECONDS):
            connection = await pool.connect(MOST_SECONDS)
            try:
                status = await _ask(connection, pool, check)
            finally:
                connection.close()
    except TimeoutError:
        return "no answer in time"
    except (OSError, ssl.SSLError, UnicodeError, BrokenResponse) as error:
        return str(error) or type(error).__name__
    expected = check.status or "one below 400"
    is_right = status == check.status if check.status else status < 400
    return "" if is_right else f"answers {status} instead of {expected}"


async def _ask(connection: BackendConnection, pool: Pool, check: HealthCheck) -> int:
    question = _Question()
    connection.user = question
    backend = pool.backend
    host = url_host(backend.host)
    if backend.port != DEFAULT_PORTS["https" if backend.tls else "http"]:
        host = f"{host}:{backend.port}"
    head = f"GET {pool.origin}{check.path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: moxsite\r\n".encode()
    connection.transport.write(head + pool.proxy_lines + b"Connection: close\r\n\r\n")
    return await question.answer


class _Question:
    """The user of a connection that wants to know a status and no more."""

    def __init__(self) -> None:
        self.answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._data = b""

    def backend_sent(self, data: bytes) -> None:
        """See User."""
        if self.answer.done():
            return
        self._data += data
        try:
            while (end := head_end(self._data)) > 0:
                status = parse_response(self._data[:end]).status
                self._data = self._data[end:]
                if status >= 200:
                    self.answer.set_result(status)
                    return
        except BrokenResponse as error:
            self.answer.set_exception(error)

    def backend_closed(self, error: Exception | None) -> None:
        """See User."""
        if not self.answer.done():
            self.answer.set_exception(error or ConnectionResetError("closed without an answer"))

    def backend_slow(self) -> None:
        """See User."""

    def backend_ready(self) -> None:
        """See User."""

    def backend_silent(self) -> None:
        """See User."""
