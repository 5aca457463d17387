"""Look-ups for pyspf, which runs on a thread, by the resolver of an event loop. Pure."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any

import spf

from mail import clock
from mail.dns.errors import DnsNotFound, DnsTemporary
from mail.dns.lookups import Lookups as Answers


class Lookups:
    """The `ask` of one evaluation about the client `ip`.

    All of its look-ups together end at `deadline` (clock.monotonic).
    """

    def __init__(self, resolver: Answers, loop: asyncio.AbstractEventLoop, ip: str, deadline: float) -> None:
        self._resolver = resolver
        self._loop = loop
        self._ip = ip
        self._deadline = deadline

    def __call__(self, name: str, kind: str) -> Sequence[Any]:
        """Raises spf.TempError."""
        left = self._deadline - clock.monotonic()
        if left <= 0:
            raise spf.TempError("the look-ups take too long")
        records = self._records(name, kind)
        try:
            question = asyncio.run_coroutine_threadsafe(records, self._loop)
        except RuntimeError as error:  # the loop is closed: the program ends
            records.close()
            raise spf.TempError("the program ends") from error
        try:
            return question.result(left)
        except FutureTimeout:
            question.cancel()
            raise spf.TempError("the look-ups take too long") from None
        except CancelledError:
            raise spf.TempError("the program ends") from None
        except DnsNotFound:
            return ()
        except DnsTemporary as error:
            raise spf.TempError(str(error)) from error

    async def _records(self, name: str, kind: str) -> Sequence[Any]:
        match kind:
            case "TXT":
                texts = (await self._resolver.txt(name)).records
                return [(text.encode("utf-8", "surrogateescape"),) for text in texts]
            case "A" | "AAAA":
                ipv4 = kind == "A"
                return (await self._resolver.addresses(name, ipv4=ipv4, ipv6=not ipv4)).records
            case "MX":
                exchangers = (await self._resolver.mx(name)).records
                return [(exchanger.preference, exchanger.host) for exchanger in exchangers]
            case "PTR":
                return (await self._resolver.ptr(self._ip)).records
        return ()
