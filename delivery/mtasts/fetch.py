"""Fetching a policy over HTTPS (RFC 8461 section 3.3). It blocks: for a thread, never for an event loop."""

import os
import socket
import ssl
import threading
from collections.abc import Sequence
from contextlib import suppress
from http.client import HTTPException

import urllib3
from urllib3.connection import HTTPSConnection

from delivery.tlsresults.outcome import ResultType
from mail import clock

BODY_LIMIT = 64 * 1024
PATH = "/.well-known/mta-sts.txt"
STEP_SECONDS = 20.0
"""How long one address may take to answer, and how long a server may be silent."""


class PolicyUnavailable(Exception):
    """The policy could not be had. `result` is the term of TLS reports for it."""

    def __init__(self, text: str, result: ResultType = ResultType.STS_POLICY_FETCH_ERROR) -> None:
        super().__init__(text)
        self.result = result


class PolicyFetcher:
    """Trusts the system's authorities and those in `ca_file`. One fetch takes at most `seconds`.

    Making it reads files: not for an event loop. `port` is for tests, whose servers have another one.
    Raises OSError when `ca_file` can't be read.
    """

    def __init__(
        self, ca_file: str | os.PathLike[str] | None = None, *, port: int = 443, seconds: float = 60.0
    ) -> None:
        self._context = ssl.create_default_context()
        if ca_file is not None:
            self._context.load_verify_locations(os.fspath(ca_file))
        self._port = port
        self._seconds = seconds

    def fetch(self, domain: str, addresses: Sequence[str]) -> str:
        """The text of the policy of `domain`, from the first of its host's addresses that answers.

        Raises PolicyUnavailable.
        """
        deadline = clock.monotonic() + self._seconds
        problem = PolicyUnavailable("the policy host has no address")
        for ip in addresses:
            left = deadline - clock.monotonic()
            if left <= 0:
                break
            request = _Request(f"mta-sts.{domain}", ip, self._port, self._context, left)
            try:
                return request.run()
            except PolicyUnavailable as error:
                problem = error
                if request.answered:
                    break
        raise problem


class _Connection(HTTPSConnection):
    """Keeps a second handle of its socket, by which another thread can end the connection."""

    handle: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        connected = super()._new_conn()
        self.handle = connected.dup()
        return connected


class _Request:
    """One request to one address. `answered`: whether there was a server at all."""

    def __init__(self, host: str, ip: str, port: int, context: ssl.SSLContext, seconds: float) -> None:
        self._host = host
        self._seconds = seconds
        self._expired = False
        self._connection = _Connection(
            ip, port, timeout=min(seconds, STEP_SECONDS), server_hostname=host, ssl_context=context
        )

    @property
    def answered(self) -> bool:
        return self._connection.handle is not None

    def run(self) -> str:
        # Time limits of sockets begin anew with every byte; this one does not.
        timer = threading.Timer(self._seconds, self._expire)
        timer.daemon = True
        timer.start()
        try:
            return self._exchange()
        except ssl.SSLCertVerificationError as error:
            raise PolicyUnavailable(error.verify_message, ResultType.STS_WEBPKI_INVALID) from error
        except (urllib3.exceptions.HTTPError, HTTPException, OSError, ValueError) as error:
            if self._expired:
                raise PolicyUnavailable(f"the policy host took longer than {self._seconds:.0f} s") from error
            raise PolicyUnavailable(f"the policy host can't be reached: {error}"[:300]) from error
        finally:
            timer.cancel()
            self._connection.close()
            if self._connection.handle is not None:
                self._connection.handle.close()

    def _exchange(self) -> str:
        self._connection.request("GET", PATH, headers={"Host": self._host}, preload_content=False)
        response = self._connection.getresponse()
        if response.status != 200:
            # Redirects must not be followed.
            raise PolicyUnavailable(f"the policy host answered {response.status}")
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind != "text/plain":
            raise PolicyUnavailable(f"the policy is {kind[:60] or 'of no type'}, not text/plain")
        body = response.read(BODY_LIMIT + 1, decode_content=False)
        if self._expired:
            # What was cut off may look complete.
            raise OSError("the time is over")
        if len(body) > BODY_LIMIT:
            raise PolicyUnavailable(f"the policy is larger than {BODY_LIMIT} bytes")
        return body.decode("utf-8")

    def _expire(self) -> None:
        self._expired = True
        handle = self._connection.handle
        if handle is not None:
            with suppress(OSError):
                handle.shutdown(socket.SHUT_RDWR)
