"""Sending mails over sessions with one host: transactions until every recipient has a result."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, replace

from delivery.smtp.client.failure import DeliveryFailure, Stage, local_failure
from delivery.smtp.client.results import ConnectionFacts, Outcome, RecipientResult, TransactionResult
from delivery.smtp.client.session import Session
from delivery.smtp.client.transaction import Transactions
from delivery.transports.addresses import fits_history
from delivery.transports.connections import ConnectionCache, Limits, OpenSession
from delivery.transports.dialing import Host
from delivery.transports.group import HostTry, Mail
from delivery.transports.undelivered import Undelivered
from mail import clock
from mail.errors import Reply

log = logging.getLogger(__name__)

SessionOpener = Callable[[Host], Awaitable[Session]]
"""Connects to a host and brings the session to where MAIL can follow. Raises DeliveryFailure."""

ONCE_MORE_SECONDS = 5.0
"""A host that took longer to take no session is not asked again at once."""

_MAY_PASS = (Stage.CONNECT, Stage.GREETING, Stage.EHLO)

_Waiting = list[tuple[Mail, list[str]]]


async def send_to_host(
    host: Host,
    open_session: SessionOpener,
    undelivered: Undelivered,
    *,
    require_eight_bit: bool,
    connections: ConnectionCache | None = None,
    identity: Hashable = None,
    spare_first: bool = False,
    once_more: bool = False,
) -> None:
    """Give all open recipients to one host, over as few connections as it allows.

    Failures are noted in `undelivered`, not raised. Sessions are taken from `connections` and left there
    under `identity`, which holds all that `open_session` goes by besides the host; without it they are not
    kept.

    With `spare_first` a mail's first attempt at a host with addresses of both families does not end with a
    refusal by policy (5.7.x): it may be about the address that we came from, and the next attempt comes from
    one of the other family.

    With `once_more` a host that quickly refused a session for now, before TLS and login, is asked again at
    once: busy servers refuse some connections and take the next, and all mail of the group would be late.
    """
    key = None if identity is None else (identity, host)
    kept = ConnectionCache(Limits(kept=0)) if connections is None else connections
    sending = _Sending(
        host, open_session, undelivered, kept, key, require_eight_bit, spare_first, once_more
    )  # fmt: skip
    await sending.run()


@dataclass(slots=True)
class _Sending:
    """The way of a group's mails over one host."""

    host: Host
    open_session: SessionOpener
    undelivered: Undelivered
    connections: ConnectionCache
    key: Hashable
    require_eight_bit: bool
    spare_first: bool
    may_ask_again: bool
    may_reuse: bool = True
    untold: HostTry | None = None
    """The session in use, before anything came of it."""

    async def run(self) -> None:
        """Until every recipient has a result from this host, or it takes no session."""
        undelivered = self.undelivered
        waiting = [(mail, undelivered.recipients(mail)) for mail in undelivered.mails()]
        while waiting and (entry := self._kept_session() or await self._new_session()):
            try:
                waiting = await self._use(entry, waiting)
            finally:
                self.connections.give(self.key, entry)

    # Sessions.

    def _kept_session(self) -> OpenSession | None:
        if not self.may_reuse:
            return None
        entry = self.connections.take(self.key, self._fits_history)
        if entry is not None:
            host = self.host
            self.untold = HostTry(host.name, host.port, entry.session.facts.ip, None, 0.0, reused=True)
        return entry

    def _fits_history(self, session: Session) -> bool:
        earlier = self.undelivered.earlier(self.host.name)
        return fits_history(session.facts.ip, earlier, dual_stack=session.connection.dual_stack)

    async def _new_session(self) -> OpenSession | None:
        """None when the host takes none; that is noted then."""
        host = self.host
        started = clock.monotonic()
        try:
            session = await self.open_session(host)
        except DeliveryFailure as failure:
            seconds = clock.monotonic() - started
            self.undelivered.tried(HostTry(host.name, host.port, failure.ip, failure, seconds))
            spare = self.spare_first and failure.dual_stack and _by_policy(failure.remote, failure.public)
            facts = ConnectionFacts(host.name, failure.ip, host.port, policy=failure.policy)
            self.undelivered.fail(failure, facts, spare_first=spare)
            _log_failure(host, failure)
            if self.may_ask_again and _may_pass(failure, seconds):
                self.may_ask_again = False
                return await self._new_session()
            return None
        opened = clock.monotonic()
        self.untold = HostTry(host.name, host.port, session.facts.ip, None, opened - started)
        return OpenSession(session, opened)

    def _tell_try(self) -> None:
        if self.untold is not None:
            self.undelivered.tried(self.untold)
            self.untold = None

    # Transactions.

    async def _use(self, entry: OpenSession, waiting: _Waiting) -> _Waiting:
        """Use one session; return what it ended too early for. A new session gives at least one result."""
        session = entry.session
        try:
            async with asyncio.timeout(session.timeouts.session):
                return await self._transactions(entry, waiting)
        except TimeoutError:
            text = f"the session took longer than {session.timeouts.session:g} s"
            self._tell_try()
            self.undelivered.fail(local_failure(session.stage, 451, "4.4.2", text), session.facts)
            return []

    async def _transactions(self, entry: OpenSession, waiting: _Waiting) -> _Waiting:
        session = entry.session
        transactions = Transactions(
            session, require_eight_bit=self.require_eight_bit, may_end=entry.until_recorded
        )
        while waiting and entry.may_go_on:
            (mail, recipients), *rest = waiting
            entry.transactions += 1
            following = (rest[0][0].message, rest[0][1]) if rest and entry.may_go_on else None
            result = await transactions.send(mail.message, recipients, following)
            if entry.transactions > 1 and _closed_before(result):
                self.may_reuse = False
                return waiting
            self._tell_try()
            again = self._note(mail, result, entry)
            waiting = [(mail, again), *rest] if again else rest
        transactions.end()
        return waiting

    def _note(self, mail: Mail, result: TransactionResult, entry: OpenSession) -> list[str]:
        """Take the results, and give the recipients that another transaction over this host may take."""
        results: Sequence[RecipientResult] = result.recipients
        if (
            self.spare_first
            and mail.attempt == 1
            and entry.session.connection.dual_stack
            and _all_by_policy(results)
        ):
            results = [replace(each, outcome=Outcome.TEMPORARY) for each in results]
        again = [each.address for each in results if each.outcome is Outcome.AGAIN and result.usable]
        final = [_final(each) for each in results if each.address not in again]
        if recorded := self.undelivered.note(mail, final):
            entry.unrecorded.append(recorded)
        if any(_may_have_arrived(each) for each in results):
            self.undelivered.unknown_outcome(mail)
        return again


def _may_pass(failure: DeliveryFailure, seconds: float) -> bool:
    """Whether the next session may well be taken.

    A certificate does not change, and a login is not repeated: that could lock the account.
    """
    return failure.stage in _MAY_PASS and not failure.public.is_permanent and seconds < ONCE_MORE_SECONDS


def _closed_before(result: TransactionResult) -> bool:
    """Whether the server had ended the connection before it heard of this mail.

    Servers close after some messages or some idle time; that says nothing about the next mail.
    """
    return not result.usable and all(
        each.stage is Stage.MAIL and (each.outcome is Outcome.TEMPORARY or not each.remote)
        for each in result.recipients
    )


def _all_by_policy(results: Sequence[RecipientResult]) -> bool:
    return all(each.outcome is Outcome.PERMANENT and _by_policy(each.remote, each.reply) for each in results)


def _by_policy(remote: bool, reply: Reply) -> bool:
    """Whether the server refused for good for a reason of security or policy (RFC 3463 section 3.8)."""
    return remote and reply.code >= 500 and reply.enhanced.startswith("5.7.")


def _final(result: RecipientResult) -> RecipientResult:
    """A recipient that no further transaction over this connection can take has to wait."""
    return replace(result, outcome=Outcome.TEMPORARY) if result.outcome is Outcome.AGAIN else result


def _may_have_arrived(result: RecipientResult) -> bool:
    return result.stage is Stage.END and result.outcome is Outcome.TEMPORARY and not result.remote


def _log_failure(host: Host, failure: DeliveryFailure) -> None:
    fields = {
        "host": host.name,
        "port": host.port,
        "stage": failure.stage.value,
        "reply": str(failure.public),
        "cause": failure.cause,
    }
    log.info("host takes no mail", extra={"fields": fields})
