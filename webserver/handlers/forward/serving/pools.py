"""The pools of all backends of this process, and the order in which the backends of a handler are asked."""

import ssl
from collections.abc import Callable, Iterable, Iterator

from mail import clock
from webserver.handlers.forward.serving.pool import Pool
from webserver.routing.values import Backend


class Pools:
    """A pool for each backend, made at its first use. `tls` makes the context for https backends."""

    def __init__(self, tls: Callable[[], ssl.SSLContext] = ssl.create_default_context) -> None:
        self._pools: dict[Backend, Pool] = {}
        self._make_tls = tls
        self._tls: ssl.SSLContext | None = None
        self._turns: dict[tuple[Backend, ...], int] = {}

    def __iter__(self) -> Iterator[Pool]:
        return iter(self._pools.values())

    def pool(self, backend: Backend) -> Pool:
        """The pool of this backend."""
        found = self._pools.get(backend)
        if found is None:
            found = self._pools[backend] = Pool(backend, self.tls)
        return found

    def tls(self) -> ssl.SSLContext:
        """What https backends are verified with. Reads the system's authorities at the first call."""
        if self._tls is None:
            self._tls = self._make_tls()
            self._tls.set_alpn_protocols(["http/1.1"])
        return self._tls

    def in_order(self, backends: tuple[Backend, ...]) -> list[Pool]:
        """In turn, those last that could not be reached lately, or that health checks find unwell."""
        if len(backends) == 1:
            return [self.pool(backends[0])]
        turn = self._turns[backends] = (self._turns.get(backends, -1) + 1) % len(backends)
        pools = [self.pool(backend) for backend in backends[turn:] + backends[:turn]]
        now = clock.monotonic()
        return sorted(
            pools, key=lambda pool: (bool(pool.unwell), pool.down_until if pool.down_until > now else 0.0)
        )

    def keep_only(self, backends: Iterable[Backend]) -> None:
        """Let go of what the configuration names no more."""
        wanted = set(backends)
        for backend in [backend for backend in self._pools if backend not in wanted]:
            self._pools.pop(backend).close()
        self._turns.clear()

    def close(self) -> None:
        """Close all idle connections."""
        self.keep_only(())
