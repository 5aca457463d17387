"""The password of a transport, sealed in the database."""

from typing import TYPE_CHECKING

from mail.configuration.sealed import installation_seal

if TYPE_CHECKING:
    from delivery.models import Transport


def complete_settings(transport: "Transport") -> dict[str, object]:
    """The settings with the password among them, as the transport's kind reads them. Raises SealBroken."""
    password = transport.password
    return {**transport.settings, "password": password} if password else dict(transport.settings)


def seal_password(transport: "Transport", password: str) -> bytes:
    """What is stored for a password of this row, which has its number; nothing for the empty one."""
    return installation_seal().seal(password, _context(transport)) if password else b""


def open_password(transport: "Transport") -> str:
    """What `seal_password` gave is opened. Raises mail.secrets.SealBroken."""
    sealed = bytes(transport.password_sealed)
    return installation_seal().open(sealed, _context(transport)).decode() if sealed else ""


def _context(transport: "Transport") -> str:
    return f"transport {transport.pk} password"
