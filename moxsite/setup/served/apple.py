"""The configuration profile that Apple's Mail installs (Apple, Configuration Profile Reference). Pure."""

import plistlib
from uuid import UUID, uuid5

from moxsite.setup.served.settings import SUBMISSIONS_PORT, ClientSettings

_NAMESPACE = UUID("8f4c1f6e-3b1c-5d5a-9d8e-2f7a5c0b6e41")


def apple_profile(settings: ClientSettings) -> bytes:
    """The profile of an address, without a password: the device asks for it.

    The same address always gives the same identifiers, so that a new profile replaces an older one. The
    format knows no account that only sends, so a server for reading is named too, though mail is only read
    on the web pages at present.
    """
    identifier = f"{'.'.join(reversed(settings.domain.split('.')))}.moxsite.{_hexadecimal(settings.address)}"
    account = {
        "EmailAccountDescription": settings.address,
        "EmailAccountName": settings.full_name,
        "EmailAccountType": "EmailTypeIMAP",
        "EmailAddress": settings.address,
        "IncomingMailServerAuthentication": "EmailAuthPassword",
        "IncomingMailServerHostName": settings.host,
        "IncomingMailServerPortNumber": 993,
        "IncomingMailServerUseSSL": True,
        "IncomingMailServerUsername": settings.address,
        "OutgoingMailServerAuthentication": "EmailAuthPassword",
        "OutgoingMailServerHostName": settings.host,
        "OutgoingMailServerPortNumber": SUBMISSIONS_PORT,
        "OutgoingMailServerUseSSL": True,
        "OutgoingMailServerUsername": settings.address,
        "OutgoingPasswordSameAsIncomingPassword": True,
        "PayloadDescription": f"Mail of {settings.address}",
        "PayloadDisplayName": settings.address,
        "PayloadIdentifier": f"{identifier}.mail",
        "PayloadType": "com.apple.mail.managed",
        "PayloadUUID": str(uuid5(_NAMESPACE, f"{settings.address} mail")).upper(),
        "PayloadVersion": 1,
    }
    profile = {
        "PayloadContent": [account],
        "PayloadDescription": f"Settings for the mail of {settings.address}",
        "PayloadDisplayName": f"{settings.address} mail",
        "PayloadIdentifier": identifier,
        "PayloadRemovalDisallowed": False,
        "PayloadType": "Configuration",
        "PayloadUUID": str(uuid5(_NAMESPACE, settings.address)).upper(),
        "PayloadVersion": 1,
    }
    return plistlib.dumps(profile)


def _hexadecimal(text: str) -> str:
    return text.encode().hex()[:64]
