"""Basic authentication (RFC 7617) of handlers that demand it."""

import asyncio
import base64
import binascii
import hashlib
import secrets
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from typing import Final

from webserver.edge.exchange import Exchange
from webserver.passwords import password_matches
from webserver.routing.values import BasicAuth

MOST_KNOWN: Final = 4096
MOST_WAITING: Final = 64
"""Passwords that may wait to be checked; each takes milliseconds of a thread."""

_SALT: Final = secrets.token_bytes(16)


class Passwords:
    """Checks passwords on a thread, and remembers those that were right."""

    def __init__(self) -> None:
        self._executor: Executor = ThreadPoolExecutor(1, "passwords")
        self._right: set[bytes] = set()
        self._waiting = 0

    def check(self, exchange: Exchange, auth: BasicAuth, admitted: Callable[[], None]) -> bool:
        """Whether the client may come in. False: it is refused, or `admitted` is called later."""
        user, password = credentials(exchange.head.get(b"authorization"))
        verifier = auth.verifiers.get(user)
        if verifier is None:
            _demand(exchange, auth)
            return False
        key = _key(user, password, verifier)
        if key in self._right:
            return True
        if self._waiting >= MOST_WAITING:
            exchange.refuse(503, "Too many passwords are being checked.", [(b"Retry-After", b"5")])
            return False
        self._waiting += 1
        loop = asyncio.get_running_loop()
        checking = loop.run_in_executor(self._executor, password_matches, verifier, password)
        checking.add_done_callback(partial(self._checked, exchange, auth, key, admitted))
        return False

    def close(self) -> None:
        """End the thread."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _checked(
        self,
        exchange: Exchange,
        auth: BasicAuth,
        key: bytes,
        admitted: Callable[[], None],
        checking: asyncio.Future[bool],
    ) -> None:
        self._waiting -= 1
        if exchange.ended or checking.cancelled():
            return
        try:
            if not checking.result():
                _demand(exchange, auth)
                return
            if len(self._right) >= MOST_KNOWN:
                self._right.clear()
            self._right.add(key)
            admitted()
        except Exception:
            exchange.failed()


def credentials(value: bytes | None) -> tuple[str, str]:
    """User and password of an Authorization field; empty for none or what can't be read."""
    scheme, _, encoded = (value or b"").partition(b" ")
    if scheme.lower() != b"basic":
        return "", ""
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    user, _, password = text.partition(":")
    return user, password


def _demand(exchange: Exchange, auth: BasicAuth) -> None:
    realm = auth.realm.replace("\\", "").replace('"', "")
    value = f'Basic realm="{realm}", charset="UTF-8"'.encode("ascii", "replace")
    exchange.refuse(401, "A name and a password are needed.", [(b"WWW-Authenticate", value)])


def _key(user: str, password: str, verifier: str) -> bytes:
    """What is remembered: nobody gets a password out of it, and a new verifier makes it worthless."""
    return hashlib.blake2b(f"{user}\0{password}\0{verifier}".encode(), key=_SALT).digest()
