"""Autodiscover, which Outlook asks for at autodiscover.DOMAIN (MS-OXDSCLI section 2.2.4). Pure."""

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from moxsite.setup.served.settings import SUBMISSIONS_PORT, ClientSettings

_RESPONSE = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"
_SETTINGS = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
_ADDRESS = re.compile(rb"<(?:[A-Za-z0-9]{1,20}:)?EMailAddress>\s*([^<>\s]{3,320})\s*</")


class UnreadableRequest(ValueError):
    """The request names no address."""


def requested_address(body: bytes) -> str:
    """The address in a request. It is searched for, not parsed: nothing else of the XML matters.

    Raises UnreadableRequest.
    """
    match = _ADDRESS.search(body)
    if match is None:
        raise UnreadableRequest("There is no EMailAddress in the request.")
    try:
        return match[1].decode("utf-8")
    except UnicodeDecodeError:
        raise UnreadableRequest("The EMailAddress is not UTF-8.") from None


def autodiscover(settings: ClientSettings) -> bytes:
    """The answer for an address."""
    root = Element("Autodiscover", xmlns=_RESPONSE)
    response = SubElement(root, "Response", xmlns=_SETTINGS)
    user = SubElement(response, "User")
    _add(user, "DisplayName", settings.full_name or settings.address)
    account = SubElement(response, "Account")
    _add(account, "AccountType", "email")
    _add(account, "Action", "settings")
    protocol = SubElement(account, "Protocol")
    for name, text in (
        ("Type", "SMTP"),
        ("Server", settings.host),
        ("Port", str(SUBMISSIONS_PORT)),
        ("LoginName", settings.address),
        ("SPA", "off"),
        ("SSL", "on"),
        ("Encryption", "SSL"),
        ("AuthRequired", "on"),
        ("UsePOPAuth", "off"),
        ("SMTPLast", "off"),
    ):
        _add(protocol, name, text)
    indent(root)
    document: bytes = tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + document + b"\n"


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text
