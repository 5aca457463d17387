"""Asking backends for a websocket."""

import asyncio
import errno
import os
import ssl
from functools import partial

from mail.process.unixpath import short_path
from webserver.handlers.forward.proxies import demanded_proxy
from webserver.routing.values import Backend
from webserver.websocket.answer import Answer, BadAnswer, Head
from webserver.websocket.handshake import HandshakeError
from webserver.websocket.upgrade import Upgrade

UNREACHABLE = "The server behind this address can't be reached."
SILENT = "The server behind this address did not answer in time."


async def ask(upgrade: Upgrade) -> tuple[Answer, Head, Backend]:
    """The answer of the first backend that takes the connection.

    Once a request was sent no other backend is asked: nobody knows what the first has done with it.
    Raises HandshakeError with 501, 502 or 504.
    """
    error: HandshakeError | None = None
    for backend in upgrade.backends:
        if variable := demanded_proxy(backend):
            raise HandshakeError(
                501,
                "Websockets can't be forwarded through a proxy.",
                cause=f"{variable} in the environment demands a proxy for {backend.url}; "
                "an exception for its host belongs into NO_PROXY",
            )
        try:
            answer = await _connect(backend, upgrade)
        except HandshakeError as failed:
            error = failed
            upgrade.tried(backend, failed.cause)
            continue
        upgrade.tried(backend, "")
        try:
            head = await _handshake(answer, backend, upgrade)
        except BaseException:
            answer.stream.abort()
            raise
        return answer, head, backend
    raise error or HandshakeError(502, UNREACHABLE, cause="there is no backend")


async def _connect(backend: Backend, upgrade: Upgrade) -> Answer:
    seconds = upgrade.settings.connect_seconds
    try:
        async with asyncio.timeout(seconds):
            return await _open(backend, upgrade.tls() if backend.tls else None)
    except TimeoutError as error:
        cause = f"no connection to {backend.url} in {seconds:g} s"
        raise HandshakeError(504, SILENT, cause=cause) from error
    except (OSError, UnicodeError) as error:
        cause = f"no connection to {backend.url}: {_words(error)}"
        raise HandshakeError(502, UNREACHABLE, cause=cause) from error


async def _open(backend: Backend, tls: ssl.SSLContext | None) -> Answer:
    loop = asyncio.get_running_loop()
    made = partial(Answer, loop)
    name = backend.host if tls else None
    if backend.unix_socket:
        with short_path(backend.unix_socket) as path:
            _, answer = await loop.create_unix_connection(made, path, ssl=tls, server_hostname=name)
    else:
        _, answer = await loop.create_connection(
            made, backend.host, backend.port, ssl=tls, server_hostname=name
        )
    return answer


async def _handshake(answer: Answer, backend: Backend, upgrade: Upgrade) -> Head:
    seconds = upgrade.settings.response_seconds
    answer.stream.write(upgrade.request_head(backend))
    try:
        return await answer.head(seconds)
    except TimeoutError as error:
        cause = f"no answer from {backend.url} in {seconds:g} s"
        raise HandshakeError(504, SILENT, cause=cause) from error
    except BadAnswer as error:
        cause = f"{backend.url}: {error}"
        raise HandshakeError(502, UNREACHABLE, cause=cause) from error


def _words(error: OSError | UnicodeError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted: {error.verify_message}"
    if isinstance(error, OSError) and error.errno is not None and error.errno in errno.errorcode:
        return os.strerror(error.errno)
    return str(error) or type(error).__name__
