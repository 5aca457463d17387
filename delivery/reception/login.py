"""Logging in: what mail programs prove about passwords, and what wrong ones cost."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, ParamSpec, TypeVar

from django.db import Error

from delivery.metrics import LOGINS
from delivery.reception.identity import LoggedIn
from delivery.reception.indexing import on_thread
from delivery.smtp.server.backend import ScramSalt, SessionInfo
from mail import clock
from mail.errors import MailError
from mail.guard.attempts import Protocol, Result
from mail.guard.guard import Guard
from mail.guard.held_back import HeldBack
from mail.guard.trying import Trying
from mail.identity.cram_md5 import REFUSED, NotEnabled, verify_cram_md5
from mail.identity.scram import scram_salt, verify_scram
from mail.identity.verify import VerifiedLogin, verify_password
from mail.sasl.cram_md5 import CramMd5Claim
from mail.sasl.exchange import PasswordClaim
from mail.sasl.offer import Claim

P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger(__name__)

CHECKS_AT_ONCE: Final = 2
"""Fewer than there are reader threads: a flood of log-ins leaves room for looking addresses up. And so much
more than the limit is tried at most: whoever waits for his turn meanwhile is asked again."""


@dataclass(frozen=True, slots=True)
class CheckedLogin:
    """Who has logged in, and for SCRAM the message that proves the server to the client."""

    identity: LoggedIn
    proof: bytes = field(default=b"", repr=False)
    password_label: str = ""


class LogIns:
    """Checks claims on threads, a few at a time, unless the limiter holds them back."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard
        self._places = asyncio.Semaphore(CHECKS_AT_ONCE)

    async def salt(self, session: SessionInfo, hash_name: str, username: str) -> ScramSalt:
        """What SCRAM tells the client. Raises MailError 454 4.7.0 when it can't be told now."""
        trying = self._trying(session, f"SCRAM-{hash_name}", username)
        try:
            trying.check_client()
        except HeldBack as held:
            raise _come_back(held) from None
        return ScramSalt(*await self._on_thread(scram_salt, username, hash_name))

    async def log_in(self, session: SessionInfo, mechanism: str, claim: Claim) -> CheckedLogin:
        """Who this is; every further failure takes longer to be told.

        Raises MailError: 535 5.7.8, 525 5.7.13, or 454 4.7.0 when it can't be told now (RFC 4954).
        """
        fields = {"login": claim.username, "mechanism": mechanism, "remote": session.remote_address}
        trying = self._trying(session, mechanism, claim.username)
        try:
            checked = await self._check(trying, claim)
        except MailError as error:
            LOGINS.add(mechanism, "failed")
            log.info("log-in failed", extra={"fields": {**fields, "reply": str(error.public)}})
            result = _result(error)
            if result is not Result.THROTTLED:
                await asyncio.sleep(trying.failed(None if result is Result.WRONG else result))
            raise
        LOGINS.add(mechanism, "ok")
        log.info("logged in", extra={"fields": {**fields, "account": checked.identity.account_name}})
        trying.succeeded(checked.password_label)
        return checked

    async def _check(self, trying: Trying, claim: Claim) -> CheckedLogin:
        try:
            trying.check_client()
            checked = await self._on_thread(_check, trying, claim)
        except HeldBack as held:
            raise _come_back(held) from None
        if checked is None:
            text = REFUSED if isinstance(claim, CramMd5Claim) else "wrong user name or password"
            raise MailError(535, "5.7.8", text)
        return checked

    def _trying(self, session: SessionInfo, mechanism: str, username: str) -> Trying:
        return Trying(self._guard, session.remote_address, Protocol.SMTP, mechanism, username)

    async def _on_thread(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            async with self._places:
                return await on_thread(function, *args, **kwargs)
        except Error as error:
            text = "log-in is not possible at the moment, try again later"
            raise MailError(454, "4.7.0", text, cause=str(error)) from error


class _ComeBack(MailError):
    """The limiter holds this client or account back; noted already."""


def _come_back(held: HeldBack) -> _ComeBack:
    return _ComeBack(454, "4.7.0", f"too many log-ins have failed, try again in {held.wait_text}")


def _result(error: MailError) -> Result:
    """What is noted of a failure. Only wrong passwords count as guesses."""
    if isinstance(error, _ComeBack):
        return Result.THROTTLED
    if isinstance(error, NotEnabled):
        return Result.NOT_ENABLED
    return {535: Result.WRONG, 525: Result.DISABLED}.get(error.public.code, Result.ERROR)


def _check(trying: Trying, claim: Claim) -> CheckedLogin | None:
    """On a thread. Raises HeldBack, and MailError as the checks do."""
    trying.check()
    moment = clock.now()
    if isinstance(claim, PasswordClaim):
        verified = verify_password(claim.username, claim.password)
    elif isinstance(claim, CramMd5Claim):
        verified = verify_cram_md5(claim)
    else:
        scram = verify_scram(claim)
        return _checked(scram.login, moment, scram.answer) if scram is not None else None
    return _checked(verified, moment) if verified is not None else None


def _checked(login: VerifiedLogin, moment: clock.Moment, proof: bytes = b"") -> CheckedLogin:
    identity = LoggedIn(login.login_name, login.account_id, login.account_name, login.credential_id, moment)
    return CheckedLogin(identity, proof, login.credential_label)
