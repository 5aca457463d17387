"""TLS for browsers: one context for each certificate, chosen by the name that the client asks for.

A new set of certificates is for new connections; those that are open keep what they have.
"""

import contextlib
import os
import ssl
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from mail.tls.errors import CertificateError
from mail.tls.names import is_ip_address


@dataclass(frozen=True, slots=True)
class Pem:
    """A certificate with its chain, and its key."""

    chain: bytes
    private_key: bytes = field(repr=False)


class BrowserTls:
    """The contexts in use. `listening` is for the listening sockets and stays the same.

    `is_known` says of a name that no certificate is for whether it is one of ours all the same: then the
    default is shown, else the connection is refused. Clients that name no host get the default.
    """

    def __init__(self, default: Pem, *, http2: bool = False) -> None:
        """`http2`: whether clients may choose it. Raises CertificateError."""
        self.is_known: Callable[[str], bool] = _every_name
        self._http2 = http2
        self._made: dict[Pem, ssl.SSLContext] = {}
        self._by_name: dict[str, ssl.SSLContext] = {}
        self._default = self._context(default)
        self.listening = browser_context(default, http2=http2)
        self.listening.sni_callback = self._choose

    def use(self, default: Pem, by_name: Mapping[str, Pem]) -> None:
        """Let these hold for new connections. Names may be wildcards. Reads and writes files: on a thread.

        Raises CertificateError when `default` can't be used; others were checked when they were stored.
        """
        chosen: dict[str, ssl.SSLContext] = {}
        made_before, self._made = self._made, {}
        fallback = made_before.get(default) or self._context(default)
        self._made[default] = fallback
        for name, pem in by_name.items():
            context = self._made.get(pem) or made_before.get(pem)
            if context is None:
                with contextlib.suppress(CertificateError):
                    context = self._context(pem)
            if context is not None:
                self._made[pem] = context
                chosen[name] = context
        self._default, self._by_name = fallback, chosen

    def _choose(
        self, connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext
    ) -> int | None:
        context = self._default
        if name:
            lower = name.lower().rstrip(".")
            by_name = self._by_name
            chosen = by_name.get(lower) or by_name.get("*." + lower.partition(".")[2])
            if chosen is None and not self.is_known(lower) and not is_ip_address(lower):
                return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
            context = chosen or context
        connection.context = context
        return None

    def _context(self, pem: Pem) -> ssl.SSLContext:
        made = self._made.get(pem)
        if made is None:
            made = self._made[pem] = browser_context(pem, http2=self._http2)
        return made


def _every_name(name: str) -> bool:
    return True


def browser_context(pem: Pem, *, http2: bool = False) -> ssl.SSLContext:
    """A context that shows this certificate. Raises CertificateError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_alpn_protocols(["h2", "http/1.1"] if http2 else ["http/1.1"])
    try:
        with _as_file(pem) as path:
            context.load_cert_chain(path)
    except (ssl.SSLError, ValueError) as error:
        raise CertificateError(
            "certificate and private key can't be used or don't belong together"
        ) from error
    return context


@contextlib.contextmanager
def _as_file(pem: Pem) -> Iterator[str]:
    """Python's ssl reads certificates from files only; this one is in memory, where there is such a thing."""
    content = pem.private_key + b"\n" + pem.chain
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("certificate", os.MFD_CLOEXEC)
        try:
            os.write(descriptor, content)
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
    else:
        with tempfile.NamedTemporaryFile() as file:
            file.write(content)
            file.flush()
            yield file.name
