"""One TLS connection without I/O: bytes from the network go in, bytes for the network come out."""

from dataclasses import dataclass
from typing import Self

from cryptography import x509
from OpenSSL import SSL

from mail.tls import names
from mail.tls.context import ClientContext, ServerContext
from mail.tls.errors import TlsError
from mail.tls.records import RecordCounter
from mail.tls.verification import Verification

_RECORD = 16384
"""The largest plaintext of one record (RFC 8446 section 5.1)."""

_OUTGOING = 4 * _RECORD + 1024
_EXPORTER_LABEL = b"EXPORTER-Channel-Binding"
_EXPORTER_LENGTH = 32


@dataclass(frozen=True, slots=True)
class TlsInfo:
    """What was agreed: version ("TLSv1.3") and cipher suite, in OpenSSL's spelling."""

    version: str
    cipher: str


class TlsEngine:
    """The state of one connection.

    After every call, also one that raises, send what `to_network` returns: it holds handshake messages
    and alerts beside data. An engine that has raised TlsError is of no further use.
    """

    def __init__(self, connection: SSL.Connection, verification: Verification | None) -> None:
        self._connection = connection
        self._verification = verification
        self._records = RecordCounter()
        self.established = False
        """Whether the handshake is complete."""
        self.peer_closed = False
        """Whether the peer has said that it sends no more (close_notify)."""
        self.took_only_data = False
        """Whether all that the last `receive` took in was data, to which TLS itself has nothing to say."""

    @classmethod
    def server(cls, context: ServerContext) -> Self:
        """The accepting side."""
        connection = SSL.Connection(context.openssl)
        connection.set_accept_state()
        return cls(connection, None)

    @classmethod
    def client(cls, context: ClientContext, server_name: str, indicated_name: str = "") -> Self:
        """The connecting side; its first handshake message is ready at once.

        The certificate must be for `server_name`, a host name or an IP address; the empty string asks
        for no name. The server is told `indicated_name` (RFC 6066 section 3), or the server name where that
        is empty. Raises ValueError for what is neither.
        """
        connection = SSL.Connection(context.openssl)
        verification = Verification(server_name, context.verify)
        connection.set_app_data(verification)
        indicated = indicated_name or server_name
        if indicated and not names.is_ip_address(indicated):
            connection.set_tlsext_host_name(names.host_name(indicated).encode("ascii"))
        connection.set_connect_state()
        engine = cls(connection, verification)
        engine._shake_hands()
        return engine

    def receive(self, data: bytes | bytearray | memoryview) -> bytes:
        """Take bytes from the network and return the plaintext that they complete.

        Raises TlsError when the handshake fails or a record is damaged.
        """
        records = 0
        self.took_only_data = False
        if data:
            self._connection.bio_write(data)
            records = self._records.feed(data)
        if not self.established and not self._shake_hands():
            return b""
        read = self._connection.recv
        plaintext: list[bytes] = []
        try:
            # To be told that there is no more costs as much as a record: with the last one it is known.
            while len(plaintext) < records or not plaintext:
                plaintext.append(read(_RECORD))
            self.took_only_data = len(plaintext) == records
        except SSL.WantReadError:
            pass
        except SSL.ZeroReturnError:
            self.peer_closed = True
        except SSL.Error as error:
            raise self._failure(error) from error
        return plaintext[0] if len(plaintext) == 1 else b"".join(plaintext)

    def send(self, plaintext: bytes | bytearray | memoryview) -> None:
        """Encrypt for the peer. The handshake must be complete.

        Raises TlsError.
        """
        rest = memoryview(plaintext)
        try:
            while rest:
                rest = rest[self._connection.send(rest[:_RECORD]) :]
        except SSL.Error as error:
            raise self._failure(error) from error

    def to_network(self) -> bytes:
        """The bytes to send next; empty when there are none."""
        outgoing: list[bytes] = []
        try:
            while True:
                outgoing.append(self._connection.bio_read(_OUTGOING))
                if len(outgoing[-1]) < _OUTGOING:
                    break
        except SSL.WantReadError:
            pass
        return outgoing[0] if len(outgoing) == 1 else b"".join(outgoing)

    def close(self) -> None:
        """Say that no more data follows (close_notify). Data may still be received."""
        try:
            self._connection.shutdown()
        except SSL.Error:
            # Before the handshake is complete, or after a failure, there is nothing to end.
            pass

    def channel_binding(self) -> tuple[str, bytes]:
        """The kind and data that tie an authentication to this connection.

        "tls-exporter" (RFC 9266) on TLS 1.3, "tls-unique" (RFC 5929) below. Raises TlsError before the
        handshake is complete.
        """
        if not self.established:
            raise TlsError("there is no channel binding before the handshake is complete")
        if self._connection.get_protocol_version() >= SSL.TLS1_3_VERSION:
            data = self._connection.export_keying_material(_EXPORTER_LABEL, _EXPORTER_LENGTH, b"")
            return "tls-exporter", data
        is_client = self._verification is not None
        finished = self._connection.get_finished() if is_client else self._connection.get_peer_finished()
        if not finished:
            raise TlsError("the connection has no Finished message to bind to")
        return "tls-unique", finished

    @property
    def info(self) -> TlsInfo:
        """Version and cipher."""
        return TlsInfo(self.version, self.cipher)

    @property
    def version(self) -> str:
        """The protocol version as OpenSSL spells it, "TLSv1.3" for example."""
        return self._connection.get_protocol_version_name()

    @property
    def cipher(self) -> str:
        """The cipher suite in OpenSSL's spelling; empty before the handshake."""
        return self._connection.get_cipher_name() or ""

    @property
    def server_name(self) -> str:
        """The host name that the client indicated, or the empty string."""
        return (self._connection.get_servername() or b"").decode("ascii", "replace").lower()

    @property
    def peer_certificate(self) -> x509.Certificate | None:
        """The certificate that the peer showed."""
        return self._connection.get_peer_certificate(as_cryptography=True)

    @property
    def peer_chain(self) -> list[x509.Certificate]:
        """All certificates that the server showed, its own first; empty on the server's side."""
        return self._connection.get_peer_cert_chain(as_cryptography=True) or []

    @property
    def verification_error(self) -> str:
        """The first thing wrong with the server's certificate, empty when it is trusted (client side)."""
        return "" if self._verification is None else self._verification.error

    def _shake_hands(self) -> bool:
        try:
            self._connection.do_handshake()
        except SSL.WantReadError:
            return False
        except SSL.Error as error:
            raise self._failure(error) from error
        self.established = True
        return True

    def _failure(self, error: SSL.Error) -> TlsError:
        if self._verification is not None and self._verification.required and self._verification.error:
            return TlsError(self._verification.error)
        entries = error.args[0] if error.args and isinstance(error.args[0], list) else []
        reasons = dict.fromkeys(reason for *_, reason in entries if reason)
        return TlsError("; ".join(reasons) or "protocol error")
