"""DNS lookups for one event loop: typed answers, two errors, a cache, and a deadline for each."""

import asyncio

import dns.name

from mail.dns.cache import AnswerCache
from mail.dns.errors import DnsTemporary
from mail.dns.lookups import Lookups
from mail.dns.names import plain_text
from mail.dns.query import Outcome, ask, make_stub


class Resolver(Lookups):
    """Asks a recursive nameserver: `nameserver` (address, port), or those of /etc/resolv.conf.

    `trusted` says that the nameserver validates DNSSEC and that the way to it is safe: only then does an
    answer's AD bit count (RFC 6698 appendix A.3). One try takes `try_seconds`, a lookup with all its tries
    `deadline_seconds`. Use from one event loop.

    Every lookup raises DnsNotFound when there are no such records, DnsTemporary when that is not known.
    """

    def __init__(
        self,
        nameserver: tuple[str, int] | None = None,
        *,
        trusted: bool = False,
        try_seconds: float = 3.0,
        deadline_seconds: float = 20.0,
        cache_limit: int = 10_000,
    ) -> None:
        self._stub = make_stub(nameserver, try_seconds)
        self._trusted = trusted
        self._deadline_seconds = deadline_seconds
        self._cache: AnswerCache[Outcome] = AnswerCache(cache_limit)
        self._running: dict[tuple[str, str], asyncio.Task[Outcome]] = {}

    async def outcome(self, name: dns.name.Name, kind: str) -> Outcome:
        """From the cache, or asked."""
        key = (kind, plain_text(name))
        outcome = self._cache.get(key)
        if outcome is None:
            outcome = await asyncio.shield(self._shared_question(key, name))
        return outcome

    def _shared_question(self, key: tuple[str, str], name: dns.name.Name) -> "asyncio.Task[Outcome]":
        """One question on its way for all who ask the same at the same time."""
        task = self._running.get(key)
        if task is None:
            task = asyncio.create_task(self._question(key, name))
            self._running[key] = task
            task.add_done_callback(lambda done: self._question_ended(key, done))
        return task

    async def _question(self, key: tuple[str, str], name: dns.name.Name) -> Outcome:
        seconds = self._deadline_seconds
        try:
            async with asyncio.timeout(seconds):
                outcome = await ask(self._stub, name, key[0], seconds, trusted=self._trusted)
        except TimeoutError:
            raise DnsTemporary(key[1], f"no answer about {key[1]} {key[0]} in {seconds:g} s") from None
        self._cache.put(key, outcome, outcome.ttl)
        return outcome

    def _question_ended(self, key: tuple[str, str], task: "asyncio.Task[Outcome]") -> None:
        self._running.pop(key, None)
        if not task.cancelled():
            # Everyone who waited may be gone; asyncio would report an error that nobody has seen.
            task.exception()
