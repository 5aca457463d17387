"""AUTH (RFC 4954)."""
# ruff: noqa: N802

import base64
import binascii
from collections.abc import Callable

from aiosmtpd.smtp import syntax

from delivery.smtp.server.encryption import Encryption
from delivery.smtp.server.environment import settle
from delivery.smtp.server.transcript import trace_response
from mail.errors import MailError
from mail.sasl.exchange import PasswordClaim, ServerExchange
from mail.sasl.login import LoginServer
from mail.sasl.plain import PlainServer

_MECHANISMS: dict[str, Callable[[], ServerExchange[PasswordClaim]]] = {
    "PLAIN": PlainServer,
    "LOGIN": LoginServer,
}


class Authentication(Encryption):
    """On submission services, under TLS only."""

    @syntax("AUTH mechanism [initial-response]")
    async def smtp_AUTH(self, arg: str | None) -> None:
        """Log in, once."""
        self._check_authentication_allowed()
        name, _, initial = (arg or "").partition(" ")
        start = _MECHANISMS.get(name.upper())
        if start is None:
            raise MailError(504, "5.5.4", "mechanism not supported")
        claim = await self._converse_for_claim(start(), _initial_response(initial))
        identity = self.backend.authenticate(self.info, name.upper(), claim.username, claim.password)
        self.info.identity = await settle(identity)
        self.reply(235, "2.7.0", "welcome")

    def keywords(self) -> list[str]:
        """With AUTH where it is possible."""
        offered = self.info.service.is_submission and self.info.tls is not None
        return super().keywords() + (["AUTH " + " ".join(_MECHANISMS)] if offered else [])

    def require_authentication(self) -> None:
        """Raises MailError for clients that have to log in first (RFC 6409 section 4.3)."""
        if self.info.service.is_submission and self.info.identity is None:
            how = "log in" if self.info.tls is not None else "start TLS and log in"
            raise MailError(530, "5.7.0", f"{how} first")

    def _check_authentication_allowed(self) -> None:
        if not self.info.service.is_submission:
            raise MailError(502, "5.5.1", "there is no log-in on this port")
        if not self.info.extended:
            raise MailError(503, "5.5.1", "say EHLO first")
        if self.info.tls is None:
            raise MailError(538, "5.7.11", "start TLS first")
        if self.info.identity is not None:
            raise MailError(503, "5.5.1", "you are logged in already")
        if self.transaction is not None:
            raise MailError(503, "5.5.1", "a message is in progress")

    async def _converse_for_claim(
        self, exchange: ServerExchange[PasswordClaim], initial: bytes | None
    ) -> PasswordClaim:
        step = exchange.step(initial)
        while isinstance(step, bytes):
            self.write(b"334 " + base64.b64encode(step) + b"\r\n")
            step = exchange.step(await self._response())
        return step

    async def _response(self) -> bytes:
        limits = self.limits
        line = await self.stream.line(limits.authentication_line, limits.command_timeout, too_long="5.5.6")
        trace_response(line)
        if line == b"*":
            raise MailError(501, "5.7.0", "log-in cancelled")
        return _decode(line)


def _initial_response(text: str) -> bytes | None:
    """The initial response, None without one; "=" is an empty one."""
    text = text.strip()
    if text == "=":
        return b""
    return _decode(text.encode()) if text else None


def _decode(line: bytes) -> bytes:
    try:
        return base64.b64decode(line, validate=True)
    except binascii.Error:
        raise MailError(501, "5.5.2", "not base64") from None
