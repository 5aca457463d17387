"""Joins the rules of the ports, the log-in and the store to the SMTP server."""

import logging
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from delivery.metrics import SERVER_CONNECTIONS
from delivery.reception.commits import Commits
from delivery.reception.handling import Handling
from delivery.reception.identity import LoggedIn
from delivery.reception.inbound import InboundMail
from delivery.reception.login import LogIns
from delivery.reception.removals import inbound_removals, submission_removals
from delivery.reception.sender_checks import SenderChecks
from delivery.reception.signing_threads import SigningThreads
from delivery.reception.spool import MessageSpool
from delivery.reception.strangers import Stranger
from delivery.reception.submission import SubmittedMail
from delivery.reception.validity import LoginValidity
from delivery.reception.wakeups import Wakeups
from delivery.smtp.server.backend import ScramSalt, SessionInfo, Success, Transaction
from mail.addresses.address import Address
from mail.configuration.snapshots import Snapshots
from mail.directory import Directory
from mail.dns.resolver import Resolver
from mail.errors import MailError
from mail.guard.guard import Guard, guard
from mail.identity.mechanisms import LoginMechanisms
from mail.sasl.offer import Claim
from mail.store.writer import writer

log = logging.getLogger(__name__)


@dataclass(slots=True)
class SessionState:
    """What is kept of a session: how many messages it began, and what it is held to.

    Nobody is a stranger on the ports where one has to log in.
    """

    stranger: Stranger | None
    validity: LoginValidity = field(default_factory=LoginValidity)
    messages: int = 0


class ReceptionBackend:
    """The backend of delivery.smtp.server for one event loop.

    `run_folder` is where wake-ups go, `nameserver` whom the checks of senders ask (mail.dns.Resolver).
    """

    def __init__(
        self,
        snapshots: Snapshots,
        *,
        hostname: str,
        run_folder: Path,
        nameserver: tuple[str, int] | None = None,
        limiter: Guard | None = None,
    ) -> None:
        self._snapshots = snapshots
        self._guard = limiter or guard()
        self._directory = Directory(snapshots)
        self._hostname = hostname
        self._wakeups = Wakeups(run_folder)
        self._log_ins = LogIns(self._guard)
        self._commits = Commits()
        self._signing = SigningThreads()
        self._inbound_removals = inbound_removals(hostname)
        self._submission_removals = submission_removals(hostname)
        self._sender_checks = SenderChecks(Resolver(nameserver), hostname=hostname)

    def connected(self, session: SessionInfo) -> None:
        """Everybody may come in, though strangers not too often."""
        SERVER_CONNECTIONS.add(session.service.value)
        stranger = None if session.service.is_submission else Stranger(self._guard, session)
        session.state = SessionState(stranger)
        if stranger is not None:
            stranger.connected()

    def mechanisms(self, session: SessionInfo) -> Collection[str]:
        """Those that at least one account allows."""
        return self._snapshots.current().section(LoginMechanisms).names

    async def scram_salt(self, session: SessionInfo, hash_name: str, username: str) -> ScramSalt:
        """The salt of a user name, whether or not somebody has it."""
        return await self._log_ins.salt(session, hash_name, username)

    async def authenticate(self, session: SessionInfo, mechanism: str, claim: Claim) -> Success:
        """Check a claim, unless too many were wrong."""
        checked = await self._log_ins.log_in(session, mechanism, claim)
        return Success(checked.identity, checked.proof)

    async def sender(self, session: SessionInfo, transaction: Transaction) -> None:
        """Begin a transaction under the rules of the port."""
        self._commits.more_is_coming()
        state = _state(session)
        if isinstance(session.identity, LoggedIn):
            await state.validity.check(session.identity)
        elif state.stranger is not None:
            state.stranger.begins_message()
        state.messages += 1
        handling = self._handling(transaction, f"{session.id}.{state.messages}")
        await handling.sender()
        transaction.state = handling

    async def recipient(self, transaction: Transaction, address: Address) -> None:
        """Ask the rules of the port."""
        self._commits.more_is_coming()
        state = _state(transaction.session)
        if isinstance(transaction.session.identity, LoggedIn):
            await state.validity.check(transaction.session.identity)
        elif state.stranger is not None:
            state.stranger.names_recipient()
        try:
            await _handling_of(transaction).recipient(address)
        except MailError as error:
            fields = {"recipient": str(address), "sender": str(transaction.sender or "")}
            fields |= {"remote": transaction.session.remote_address, "reply": str(error.public)}
            log.info("recipient refused", extra={"fields": fields})
            if state.stranger is not None:
                await state.stranger.was_refused(error)
            raise

    def begin_data(self, transaction: Transaction) -> MessageSpool:
        """Into the store."""
        self._commits.more_is_coming()
        return MessageSpool(writer(), self._commits, _handling_of(transaction))

    def reset(self, transaction: Transaction) -> None:
        """Nothing is held for a transaction but itself."""
        transaction.state = None

    def disconnected(self, session: SessionInfo) -> None:
        """Nothing is held for a session but itself."""
        session.state = None

    def close(self) -> None:
        """No message comes any more."""
        self._sender_checks.close()
        self._signing.close()

    def _handling(self, transaction: Transaction, message_id: str) -> Handling:
        login = transaction.session.identity
        if isinstance(login, LoggedIn):
            return SubmittedMail(
                self._directory,
                self._snapshots,
                self._wakeups,
                login,
                transaction,
                removals=self._submission_removals,
                signing=self._signing,
                commits=self._commits,
                hostname=self._hostname,
                message_id=message_id,
            )
        return InboundMail(
            self._directory,
            self._sender_checks,
            transaction,
            removals=self._inbound_removals,
            hostname=self._hostname,
            message_id=message_id,
        )


def _state(session: SessionInfo) -> SessionState:
    return cast("SessionState", session.state)


def _handling_of(transaction: Transaction) -> Handling:
    return cast("Handling", transaction.state)
