"""Logging in with AUTH (RFC 4954)."""

import asyncio
import base64
import binascii
import contextlib

from delivery.smtp.client.connection import Connection
from delivery.smtp.client.credentials import Credentials
from delivery.smtp.client.failure import DeliveryFailure, Stage, local_failure, refused
from delivery.smtp.extensions import Extensions
from mail.errors import Reply
from mail.sasl.binding import ChannelBinding
from mail.sasl.choice import begin_client
from mail.sasl.mechanism import Mechanism, SaslError
from mail.tls.engine import TlsEngine
from mail.tls.errors import TlsError

# RFC 5321 section 4.5.3.1.4: a longer command line is not sure to be read; the response then follows alone.
COMMAND_LIMIT = 512


async def authenticate(
    connection: Connection, credentials: Credentials, extensions: Extensions, seconds: float
) -> str:
    """Log in by the first allowed mechanism that the server offers, and return its name.

    `seconds` is for each reply. Raises DeliveryFailure with stage auth: the server's reply when it refused,
    ours when nothing fits or the server broke the rules of the mechanism.
    """
    try:
        mechanism = begin_client(
            credentials.mechanisms,
            extensions.auth,
            credentials.username,
            credentials.password,
            tls=connection.tls is not None,
            binding=_binding(connection.tls),
        )
        response = mechanism.initial()
    except SaslError as error:
        raise _impossible(str(error)) from error
    unsent = _send_command(connection, mechanism, response)
    while True:
        reply = await connection.reply(Stage.AUTH, seconds, secret=True)
        if reply.code != 334:
            _check_end(reply, mechanism, unsent)
            return mechanism.name
        answer = await _answer(connection, reply, mechanism, unsent, seconds)
        unsent = None
        connection.write_secret_line("", answer)


def _binding(tls: TlsEngine | None) -> ChannelBinding | None:
    """What a login can be bound to."""
    if tls is not None:
        with contextlib.suppress(TlsError):
            return ChannelBinding(*tls.channel_binding())
    return None


def _send_command(connection: Connection, mechanism: Mechanism, response: bytes | None) -> bytes | None:
    """Send AUTH, and return the initial response if it must wait for the server's invitation."""
    command = f"AUTH {mechanism.name}"
    if response is None:
        connection.write_line(command)
        return None
    encoded = base64.b64encode(response).decode() or "="
    if len(command) + 1 + len(encoded) + 2 > COMMAND_LIMIT:
        connection.write_line(command)
        return response
    connection.write_secret_line(command, encoded)
    return None


async def _answer(
    connection: Connection, reply: Reply, mechanism: Mechanism, unsent: bytes | None, seconds: float
) -> str:
    """The base64 response to a 334 reply; what can't be answered cancels the exchange with "*"."""
    try:
        if "\n" in reply.text:
            raise SaslError("the server sent a challenge of several lines")
        challenge = base64.b64decode(reply.text.strip(), validate=True)
        if unsent is None:
            response = await asyncio.to_thread(mechanism.step, challenge)
        elif challenge:
            raise SaslError(f"the server sent a challenge before {mechanism.name} began")
        else:
            response = unsent
        return base64.b64encode(response).decode()
    except (SaslError, binascii.Error, ValueError) as error:
        reason = str(error) if isinstance(error, SaslError) else "the server's challenge is not base64"
        await _cancel(connection, seconds)
        raise _impossible(reason) from error


async def _cancel(connection: Connection, seconds: float) -> None:
    """End the exchange. What the server says to it, or fails to say, is less than why it was ended."""
    connection.write_line("*")
    with contextlib.suppress(DeliveryFailure):
        await connection.reply(Stage.AUTH, seconds, secret=True)


def _check_end(reply: Reply, mechanism: Mechanism, unsent: bytes | None) -> None:
    if reply.code != 235:
        raise refused(Stage.AUTH, reply)
    if unsent is not None or not mechanism.finished:
        raise _impossible(f"the server accepted the login before {mechanism.name} was finished")


def _impossible(text: str) -> DeliveryFailure:
    return local_failure(Stage.AUTH, 454, "4.7.0", text)
