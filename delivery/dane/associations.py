"""Which TLSA records can vouch for a mail server, and whether one fits a certificate (RFC 6698, RFC 7672)."""

import hashlib

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from mail.dns.answers import TlsaRecord

TRUST_ANCHOR, END_ENTITY = 2, 3
"""The certificate usages for SMTP: DANE-TA and DANE-EE. Others are unusable (RFC 7672 section 3.1.3)."""

CERTIFICATE, PUBLIC_KEY = 0, 1
FULL, SHA256, SHA512 = 0, 1, 2

_DIGEST_SIZES = {SHA256: 32, SHA512: 64}


def is_usable(record: TlsaRecord) -> bool:
    """Whether the record means anything here: known fields, and data that can be what they say."""
    if record.usage not in (TRUST_ANCHOR, END_ENTITY) or record.selector not in (CERTIFICATE, PUBLIC_KEY):
        return False
    if record.matching_type == FULL:
        return _is_readable(record)
    return _DIGEST_SIZES.get(record.matching_type) == len(record.data)


def fits(record: TlsaRecord, certificate: x509.Certificate) -> bool:
    """Whether a usable record is about this certificate."""
    try:
        selected = _selected(record, certificate)
    except (ValueError, UnsupportedAlgorithm):
        # A key of an unknown kind; no record can be about it.
        return False
    if record.matching_type == SHA256:
        return hashlib.sha256(selected).digest() == record.data
    if record.matching_type == SHA512:
        return hashlib.sha512(selected).digest() == record.data
    return selected == record.data


def _selected(record: TlsaRecord, certificate: x509.Certificate) -> bytes:
    """The certificate, or its public key, in DER."""
    if record.selector == CERTIFICATE:
        return certificate.public_bytes(Encoding.DER)
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _is_readable(record: TlsaRecord) -> bool:
    try:
        if record.selector == CERTIFICATE:
            x509.load_der_x509_certificate(record.data)
        else:
            load_der_public_key(record.data)
    except (ValueError, UnsupportedAlgorithm):
        return False
    return True
