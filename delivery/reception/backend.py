"""Joins the rules of the ports, the log-in and the store to the SMTP server."""

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from delivery.reception.commits import Commits
from delivery.reception.handling import Handling
from delivery.reception.identity import LoggedIn
from delivery.reception.inbound import InboundMail
from delivery.reception.login import PasswordChecks, delay_after
from delivery.reception.removals import inbound_removals, submission_removals
from delivery.reception.spool import MessageSpool
from delivery.reception.submission import SubmittedMail
from delivery.reception.wakeups import Wakeups
from delivery.smtp.server.backend import Identity, SessionInfo, Transaction
from mail.addresses.address import Address
from mail.configuration.snapshots import Snapshots
from mail.directory import Directory
from mail.errors import MailError
from mail.store.writer import writer

log = logging.getLogger(__name__)


@dataclass(slots=True)
class SessionState:
    """What is kept of a session: how many messages it began and how many log-ins failed."""

    messages: int = 0
    failed_logins: int = 0


class ReceptionBackend:
    """The backend of delivery.smtp.server for one event loop. `run_folder` is where wake-ups go."""

    def __init__(self, snapshots: Snapshots, *, hostname: str, run_folder: Path) -> None:
        self._snapshots = snapshots
        self._directory = Directory(snapshots)
        self._hostname = hostname
        self._wakeups = Wakeups(run_folder)
        self._checks = PasswordChecks()
        self._commits = Commits()
        self._inbound_removals = inbound_removals(hostname)
        self._submission_removals = submission_removals(hostname)

    def connected(self, session: SessionInfo) -> None:
        """Everybody may come in."""
        session.state = SessionState()

    async def authenticate(
        self, session: SessionInfo, mechanism: str, username: str, password: str
    ) -> Identity:
        """Check a password; every further failure of a session takes longer to be told."""
        fields = {"login": username, "mechanism": mechanism, "remote": session.remote_address}
        try:
            login = await self._checks.check(username, password)
        except MailError as error:
            log.info("log-in failed", extra={"fields": {**fields, "reply": str(error.public)}})
            state = _state(session)
            state.failed_logins += 1
            await asyncio.sleep(delay_after(state.failed_logins))
            raise
        log.info("logged in", extra={"fields": {**fields, "account": login.account_name}})
        return login

    async def sender(self, session: SessionInfo, transaction: Transaction) -> None:
        """Begin a transaction under the rules of the port."""
        state = _state(session)
        state.messages += 1
        handling = self._handling(transaction, f"{session.id}.{state.messages}")
        await handling.sender()
        transaction.state = handling

    async def recipient(self, transaction: Transaction, address: Address) -> None:
        """Ask the rules of the port."""
        try:
            await _handling_of(transaction).recipient(address)
        except MailError as error:
            fields = {"recipient": str(address), "sender": str(transaction.sender or "")}
            fields |= {"remote": transaction.session.remote_address, "reply": str(error.public)}
            log.info("recipient refused", extra={"fields": fields})
            raise

    def begin_data(self, transaction: Transaction) -> MessageSpool:
        """Into the store."""
        return MessageSpool(writer(), self._commits, _handling_of(transaction))

    def reset(self, transaction: Transaction) -> None:
        """Nothing is held for a transaction but itself."""
        transaction.state = None

    def disconnected(self, session: SessionInfo) -> None:
        """Nothing is held for a session but itself."""
        session.state = None

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
                hostname=self._hostname,
                message_id=message_id,
            )
        return InboundMail(
            self._directory,
            transaction,
            removals=self._inbound_removals,
            hostname=self._hostname,
            message_id=message_id,
        )


def _state(session: SessionInfo) -> SessionState:
    return cast("SessionState", session.state)


def _handling_of(transaction: Transaction) -> Handling:
    return cast("Handling", transaction.state)
