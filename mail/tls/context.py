"""What is common to many TLS connections: versions, certificate, trust.

There is no session resumption. Without it "tls-unique" always means the client's Finished message
(RFC 5929 section 3.1) and can't be forged through a triple handshake; a full handshake costs both
sides a fraction of a millisecond, and mail peers seldom come back for another connection soon.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from OpenSSL import SSL

from mail.tls import verification
from mail.tls.errors import CertificateError

ServerKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | ed448.Ed448PrivateKey


@dataclass(frozen=True, slots=True)
class ServerContext:
    """A certificate with its key, ready for any number of connections."""

    openssl: SSL.Context


@dataclass(frozen=True, slots=True)
class ClientContext:
    """Whom to trust. With `verify` off the certificate is judged too, but accepted whatever comes out."""

    openssl: SSL.Context
    verify: bool


ChooseContext = Callable[[str], ServerContext | None]
"""From the server name that a client indicates to the context to use; None for the default one."""


def server_context(
    certificate_pem: bytes, key_pem: bytes, *, choose: ChooseContext | None = None
) -> ServerContext:
    """A context for TLS 1.2 and later with the certificate, any intermediate ones after it, and its key.

    Raises CertificateError when one can't be read or they don't belong together.
    """
    context = _new_context(SSL.TLS_SERVER_METHOD)
    chain, key = _read_certificate(certificate_pem, key_pem)
    try:
        context.use_certificate(chain[0])
        for certificate in chain[1:]:
            context.add_extra_chain_cert(certificate)
        context.use_privatekey(key)
        context.check_privatekey()
    except SSL.Error as error:
        raise CertificateError("the private key does not belong to the certificate") from error
    if choose is not None:
        context.set_tlsext_servername_callback(_by_server_name(choose))
    return ServerContext(context)


def client_context(
    *, verify: bool, ca_file: str | os.PathLike[str] | None = None, system_pool: bool = True
) -> ClientContext:
    """A context that trusts the system's authorities and those in `ca_file`.

    Reading the pool takes tens of milliseconds: make few contexts, not on an event loop, and keep them.

    Raises CertificateError when `ca_file` can't be read.
    """
    context = _new_context(SSL.TLS_CLIENT_METHOD)
    if system_pool:
        context.set_default_verify_paths()
    if ca_file is not None:
        try:
            context.load_verify_locations(os.fspath(ca_file))
        except SSL.Error as error:
            raise CertificateError(f"{os.fspath(ca_file)}: no certificates can be read") from error
    context.set_verify(SSL.VERIFY_PEER, verification.judge)
    return ClientContext(context, verify)


def _new_context(method: int) -> SSL.Context:
    context = SSL.Context(method)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_NO_RENEGOTIATION | SSL.OP_NO_TICKET)
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    # Idle connections keep no record buffers (about 34 KiB each).
    context.set_mode(SSL.MODE_RELEASE_BUFFERS)
    return context


def _read_certificate(certificate_pem: bytes, key_pem: bytes) -> tuple[list[x509.Certificate], ServerKey]:
    try:
        chain = x509.load_pem_x509_certificates(certificate_pem)
    except ValueError as error:
        raise CertificateError("no certificate in PEM form can be read") from error
    try:
        key = load_pem_private_key(key_pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise CertificateError("no unencrypted private key in PEM form can be read") from error
    if not isinstance(key, ServerKey):
        raise CertificateError("the private key is of a kind that TLS servers don't use")
    return chain, key


def _by_server_name(choose: ChooseContext) -> Callable[[SSL.Connection], None]:
    def callback(connection: SSL.Connection) -> None:
        name = connection.get_servername()
        if name is None:
            return
        chosen = choose(name.decode("ascii", "replace").lower())
        if chosen is not None:
            connection.set_context(chosen.openssl)

    return callback
