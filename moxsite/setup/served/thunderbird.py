"""Autoconfig, which Thunderbird, K-9 and Evolution read at autoconfig.DOMAIN. Pure.

The format is https://wiki.mozilla.org/Thunderbird:Autoconfiguration:ConfigFileFormat. There are only servers
for sending in it: mail is read on the web pages. Passwords go through TLS as they are, because “encrypted”
means CRAM-MD5 there, which few accounts allow.
"""

from xml.etree.ElementTree import Element, SubElement, indent, tostring

from moxsite.setup.served.settings import SUBMISSION_PORT, SUBMISSIONS_PORT, ClientSettings

_ANY_ADDRESS = "%EMAILADDRESS%"


def autoconfig(settings: ClientSettings) -> bytes:
    """The document. What speaks TLS from the first byte comes first (RFC 8314)."""
    root = Element("clientConfig", version="1.1")
    provider = SubElement(root, "emailProvider", id=settings.domain)
    _add(provider, "domain", settings.domain)
    _add(provider, "displayName", settings.domain)
    _add(provider, "displayShortName", settings.domain)
    for port, socket_type in ((SUBMISSIONS_PORT, "SSL"), (SUBMISSION_PORT, "STARTTLS")):
        server = SubElement(provider, "outgoingServer", type="smtp")
        _add(server, "hostname", settings.host)
        _add(server, "port", str(port))
        _add(server, "socketType", socket_type)
        _add(server, "username", settings.address or _ANY_ADDRESS)
        _add(server, "authentication", "password-cleartext")
    page = SubElement(provider, "webMail")
    SubElement(page, "loginPage", url=f"https://{settings.host}/")
    indent(root)
    document: bytes = tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + document + b"\n"


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text
