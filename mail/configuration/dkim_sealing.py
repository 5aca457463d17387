"""The private keys of DKIM, sealed in the database."""

from typing import TYPE_CHECKING

from mail.configuration.sealed import installation_seal

if TYPE_CHECKING:
    from mail.models import DkimKey


def seal_private_key(key: "DkimKey", private_key: bytes) -> bytes:
    """What is stored for the private key of this row, which has its number."""
    return installation_seal().seal(private_key, _context(key.pk))


def open_private_key(key: "DkimKey") -> bytes:
    """What `seal_private_key` gave is opened. Raises mail.secrets.SealBroken."""
    return installation_seal().open(bytes(key.private_key_sealed), _context(key.pk))


def _context(number: int) -> str:
    return f"dkim key {number} private key"
