"""How a mail client reaches this server, for account pages and for what they say while they are empty."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.safestring import SafeString

from mail.addresses.address import Address
from mail.models import Account
from moxsite.pages.qr import qr_svg

SUBMISSIONS_PORT = 465
SUBMISSION_PORT = 587


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """What to type into a mail client to send through this server (RFC 8314 prefers the first port)."""

    host: str
    submissions_port: int
    submission_port: int
    username: str
    addresses: tuple[str, ...]


def client_settings(account: Account) -> ClientSettings:
    """The settings for an account. The user name is its first address, or its login's name."""
    offset = settings.MOXSITE_PORT_OFFSET
    own = [item for item in account.destinations.select_related("domain") if not item.is_catchall]
    addresses = tuple(Address(item.localpart, item.domain.name).display() for item in own)
    login = getattr(account, "login", None)
    username = addresses[0] if addresses else (login.name if login is not None else account.name)
    return ClientSettings(
        settings.MOXSITE_HOSTNAME, SUBMISSIONS_PORT + offset, SUBMISSION_PORT + offset, username, addresses
    )


def settings_qr(connect: ClientSettings) -> SafeString:
    """The settings as text in a QR code, to be copied on a phone instead of typed."""
    lines = (
        f"Server: {connect.host}",
        f"Port: {connect.submissions_port} (TLS)",
        f"User name: {connect.username}",
    )
    return qr_svg("\n".join(lines), "Settings as a QR code")
