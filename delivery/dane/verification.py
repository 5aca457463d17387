"""Judging a mail server by its TLSA records instead of by certificate authorities (RFC 7672 section 3)."""

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509

from delivery.dane.associations import END_ENTITY, fits, is_usable
from delivery.dane.chain import leads_to_anchor
from mail.dns.answers import TlsaRecord
from mail.tls import names

NO_MATCH = "no TLSA record matches the certificate of the server"
WRONG_NAME = "a TLSA record matches the certificate authority, but the certificate is for another name"


@dataclass(frozen=True, slots=True)
class TlsaPolicy:
    """The TLSA records of one host.

    `base` is the name they belong to; the client indicates it in the handshake. `reference_names` are the
    names of which a certificate must have one where a record names only its issuer.
    """

    base: str
    reference_names: tuple[str, ...]
    records: tuple[TlsaRecord, ...]

    @property
    def usable(self) -> tuple[TlsaRecord, ...]:
        """The records that say something. None: TLS is demanded, but nothing can be verified."""
        return tuple(record for record in self.records if is_usable(record))

    def problem(self, chain: Sequence[x509.Certificate]) -> str:
        """What is wrong with the certificates that the server showed; empty when a usable record vouches.

        For DANE-EE names and dates mean nothing (RFC 7672 section 3.1.1).
        """
        if not chain:
            return NO_MATCH
        anchors = []
        for record in self.usable:
            if record.usage != END_ENTITY:
                anchors.append(record)
            elif fits(record, chain[0]):
                return ""
        if not any(leads_to_anchor(record, chain) for record in anchors):
            return NO_MATCH
        if any(names.is_for(chain[0], name) for name in self.reference_names):
            return ""
        return WRONG_NAME
