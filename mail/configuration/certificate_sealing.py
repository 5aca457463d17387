"""The private keys of certificates, sealed in the database."""

from typing import TYPE_CHECKING

from mail.configuration.sealed import installation_seal

if TYPE_CHECKING:
    from mail.models import Certificate


def seal_certificate_key(certificate: "Certificate", private_key: bytes) -> bytes:
    """What is stored for the private key of this row, which has its number."""
    return installation_seal().seal(private_key, _context(certificate.pk))


def open_certificate_key(certificate: "Certificate") -> bytes:
    """What `seal_certificate_key` gave is opened. Raises mail.secrets.SealBroken."""
    return installation_seal().open(bytes(certificate.private_key_sealed), _context(certificate.pk))


def _context(number: int) -> str:
    return f"certificate {number} private key"
