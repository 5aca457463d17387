"""How a mail client reaches this server, for account pages and for what they say while they are empty."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.utils.safestring import SafeString

from mail.addresses.address import Address
from mail.models import Account
from moxsite.pages.qr import qr_svg

SUBMISSIONS_PORT = 465
SUBMISSION_PORT = 587
HTTPS_PORT = 443
PROFILE_PATH = "/profile.mobileconfig"


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """What to type into a mail client to send through this server (RFC 8314 prefers the first port)."""

    host: str
    submissions_port: int
    submission_port: int
    username: str
    addresses: tuple[str, ...]
    profile_url: str = ""
    """Where Apple devices get all of this (moxsite.setup.served.apple); empty without an address."""


def client_settings(account: Account) -> ClientSettings:
    """The settings for an account. The user name is its first address, or its login's name."""
    offset = settings.MOXSITE_PORT_OFFSET
    own = [item for item in account.destinations.select_related("domain") if not item.is_catchall]
    addresses = tuple(Address(item.localpart, item.domain.name).display() for item in own)
    login = getattr(account, "login", None)
    username = addresses[0] if addresses else (login.name if login is not None else account.name)
    host = settings.MOXSITE_HOSTNAME
    profile_url = ""
    if own:
        port = f":{HTTPS_PORT + offset}" if offset else ""
        query = urlencode({"addresses": str(Address(own[0].localpart, own[0].domain.name))})
        profile_url = f"https://{host}{port}{PROFILE_PATH}?{query}"
    return ClientSettings(
        host, SUBMISSIONS_PORT + offset, SUBMISSION_PORT + offset, username, addresses, profile_url
    )


def settings_qr(connect: ClientSettings) -> SafeString:
    """The settings as text in a QR code, to be copied on a phone instead of typed."""
    lines = (
        f"Server: {connect.host}",
        f"Port: {connect.submissions_port} (TLS)",
        f"User name: {connect.username}",
    )
    return qr_svg("\n".join(lines), "Settings as text in a QR code")


def profile_qr(connect: ClientSettings) -> SafeString | None:
    """The address of the profile, which the camera of an Apple device opens and offers to install."""
    return (
        qr_svg(connect.profile_url, "Profile for iPhone and iPad as a QR code")
        if connect.profile_url
        else None
    )
