"""Whether a domain lets a client send in its name (RFC 7208). Pure."""

import asyncio
import logging
from concurrent.futures import Executor
from typing import Final

import spf

from mail import clock
from mail.addresses.address import Address
from mail.authentication.results import Result, SpfResult
from mail.authentication.spf.lookups import Lookups
from mail.authentication.spf.query import Ask, Query
from mail.dns.resolver import Resolver
from mail.ip_address import client_address

log = logging.getLogger(__name__)

MAILFROM: Final = "mailfrom"
HELO: Final = "helo"
_SHOWN: Final = 200


class SpfCheck:
    """Checks of both identities, for one event loop. Evaluations run on `executor`, one thread for each."""

    def __init__(self, resolver: Resolver, executor: Executor, *, receiver: str, seconds: float) -> None:
        self._resolver = resolver
        self._executor = executor
        self._receiver = receiver
        self._seconds = seconds

    async def mailfrom(self, ip: str, sender: Address | None, helo: str) -> SpfResult:
        """The envelope sender; without one, postmaster at the client's name (section 2.4). Never raises."""
        if sender is None:
            return await self.helo(ip, helo)
        if not is_domain(sender.domain):
            return SpfResult(Result.NONE, MAILFROM, sender.domain)
        return await self._check(ip, str(sender), helo, MAILFROM, sender.domain)

    async def helo(self, ip: str, helo: str) -> SpfResult:
        """The name that the client gave itself (section 2.3). Never raises."""
        domain = helo.lower().removesuffix(".")
        if not is_domain(domain):
            return SpfResult(Result.NONE, HELO, domain)
        return await self._check(ip, "", domain, HELO, domain)

    async def _check(self, ip: str, sender: str, helo: str, identity: str, domain: str) -> SpfResult:
        loop = asyncio.get_running_loop()
        try:
            address = str(client_address(ip))
            ask = Lookups(self._resolver, loop, address, clock.monotonic() + self._seconds)
            return await loop.run_in_executor(
                self._executor, evaluate, address, sender, helo, self._receiver, ask, identity, domain
            )
        except ValueError as error:
            return SpfResult(Result.PERMERROR, identity, domain, problem=str(error))


def is_domain(name: str) -> bool:
    """Whether it can have a record: several labels and no address literal (section 4.3)."""
    return "." in name.strip(".") and not name.startswith("[")


def evaluate(
    ip: str, sender: str, helo: str, receiver: str, ask: Ask, identity: str, domain: str
) -> SpfResult:
    """The evaluation itself. Not for event loops: `ask` waits. Raises ValueError when `ip` is none."""
    try:
        query = Query(ip, sender, helo, receiver=receiver, ask=ask)
        word, _, text = query.check()
    except (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError) as error:
        log.warning("SPF record not understood", extra={"fields": {"domain": domain, "reason": repr(error)}})
        return SpfResult(Result.PERMERROR, identity, domain, problem="the record can't be understood")
    result = Result(word)
    problem = str(query.prob) if result in (Result.PERMERROR, Result.TEMPERROR) else ""
    return SpfResult(
        result,
        identity,
        domain,
        mechanism=str(query.mechanism or "")[:_SHOWN],
        problem=problem[:_SHOWN],
        explanation=str(text) if result is Result.FAIL and text != spf.EXPLANATIONS["fail"] else "",
    )
