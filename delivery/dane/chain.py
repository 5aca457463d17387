"""Whether a certificate leads to a trust anchor that a TLSA record names (RFC 7672 section 3.1.2)."""

from collections.abc import Sequence

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import HashAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_public_key
from OpenSSL import crypto

from delivery.dane.associations import CERTIFICATE, FULL, fits
from mail import clock
from mail.dns.answers import TlsaRecord

CHAIN_LIMIT = 10
"""Certificates of a chain that are looked at."""


def leads_to_anchor(record: TlsaRecord, chain: Sequence[x509.Certificate]) -> bool:
    """Whether a usable DANE-TA record vouches for the first certificate of the chain that a server showed.

    The anchor is a certificate of the chain, or stands in the record as a whole: certificate or bare key
    (RFC 7671 section 5.2.3). Dates and signatures up to the anchor count, names are not looked at.
    """
    chain = chain[:CHAIN_LIMIT]
    anchors = [certificate for certificate in chain if fits(record, certificate)]
    if not anchors and record.matching_type == FULL:
        if record.selector != CERTIFICATE:
            return _signed_at_the_top(chain, record.data)
        anchors = [x509.load_der_x509_certificate(record.data)]
    return any(_verifies(chain, [anchor]) for anchor in anchors)


def _verifies(chain: Sequence[x509.Certificate], anchors: Sequence[x509.Certificate]) -> bool:
    """Whether a valid path leads from the first certificate to an anchor, which need not be self-signed."""
    store = crypto.X509Store()
    store.set_flags(crypto.X509StoreFlags.PARTIAL_CHAIN)
    store.set_time(clock.as_datetime(clock.now()))
    for anchor in anchors:
        store.add_cert(crypto.X509.from_cryptography(anchor))
    leaf, *others = [crypto.X509.from_cryptography(certificate) for certificate in chain]
    try:
        crypto.X509StoreContext(store, leaf, others).verify_certificate()
    except (crypto.X509StoreContextError, crypto.Error):
        return False
    return True


def _signed_at_the_top(chain: Sequence[x509.Certificate], key: bytes) -> bool:
    """Whether the last certificate is signed with a bare key and a valid path leads to it."""
    top = chain[-1]
    now = clock.as_datetime(clock.now())
    if not top.not_valid_before_utc <= now <= top.not_valid_after_utc:
        return False
    try:
        _check_signature(load_der_public_key(key), top)
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return len(chain) == 1 or _verifies(chain, [top])


def _check_signature(key: object, certificate: x509.Certificate) -> None:
    """Raises InvalidSignature; ValueError for a key that certificates are not signed with."""
    signature, signed = certificate.signature, certificate.tbs_certificate_bytes
    how, digest = certificate.signature_algorithm_parameters, certificate.signature_hash_algorithm
    if isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
        key.verify(signature, signed)
    elif isinstance(key, ec.EllipticCurvePublicKey) and isinstance(how, ec.ECDSA):
        key.verify(signature, signed, how)
    elif (
        isinstance(key, rsa.RSAPublicKey)
        and isinstance(how, padding.PSS | padding.PKCS1v15)
        and isinstance(digest, HashAlgorithm)
    ):
        key.verify(signature, signed, how, digest)
    else:
        raise ValueError("the certificate is signed with a key of another kind")
