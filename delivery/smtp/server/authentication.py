"""AUTH (RFC 4954)."""
# ruff: noqa: N802

import base64
import binascii
import contextlib
import logging

from aiosmtpd.smtp import syntax

from delivery.smtp.server.encryption import Encryption
from delivery.smtp.server.environment import settle
from delivery.smtp.server.transcript import trace_challenge, trace_response
from mail.errors import MailError
from mail.sasl.binding import ChannelBinding
from mail.sasl.exchange import SaltQuestion, ServerExchange, Tampered, malformed
from mail.sasl.offer import Claim, offered_mechanisms, server_exchange
from mail.tls.errors import TlsError

log = logging.getLogger(__name__)


class Authentication(Encryption):
    """On submission services, under TLS only."""

    @syntax("AUTH mechanism [initial-response]")
    async def smtp_AUTH(self, arg: str | None) -> None:
        """Log in, once."""
        self._check_authentication_allowed()
        name, _, initial = (arg or "").partition(" ")
        name = name.upper()
        binding = self._channel_binding()
        if name not in offered_mechanisms(self.backend.mechanisms(self.info), binding):
            raise MailError(504, "5.5.4", "mechanism not supported")
        exchange = server_exchange(name, self.environment.hostname, binding)
        try:
            claim = await self._converse_for_claim(exchange, _initial_response(initial))
        except Tampered as error:
            log.warning("somebody may be listening", extra={"fields": self.fields() | {"cause": error.cause}})
            raise
        success = await settle(self.backend.authenticate(self.info, name, claim))
        if success.proof and await self._response_to(success.proof):
            raise malformed("there is nothing to say to the server's proof")
        self.info.identity, self.info.mechanism = success.identity, name
        self.reply(235, "2.7.0", "welcome")

    def keywords(self) -> list[str]:
        """With AUTH where it is possible."""
        if not self.info.service.is_submission or self.info.tls is None:
            return super().keywords()
        offered = offered_mechanisms(self.backend.mechanisms(self.info), self._channel_binding())
        return [*super().keywords(), " ".join(["AUTH", *offered])]

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

    def _channel_binding(self) -> ChannelBinding | None:
        """What ties a login to this connection; None when there is nothing."""
        transport = self.stream.transport
        engine = transport.get_extra_info("tls") if transport is not None else None
        if engine is not None:
            with contextlib.suppress(TlsError):
                return ChannelBinding(*engine.channel_binding())
        return None

    async def _converse_for_claim(self, exchange: ServerExchange[Claim], initial: bytes | None) -> Claim:
        step = exchange.step(initial)
        while isinstance(step, bytes | SaltQuestion):
            if isinstance(step, SaltQuestion):
                asked = self.backend.scram_salt(self.info, step.hash_name, step.username)
                known = await settle(asked)
                step = step.answer(known.salt, known.iterations)
            step = exchange.step(await self._response_to(step))
        return step

    async def _response_to(self, challenge: bytes) -> bytes:
        line = b"334 " + base64.b64encode(challenge) + b"\r\n"
        trace_challenge(line.rstrip())
        self.stream.write(line)
        return await self._response()

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
