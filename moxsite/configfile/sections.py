"""The sections of the file. An app with configuration of its own adds one line here."""

from typing import Any

from delivery.configfile.delivery_section import DeliverySection
from mail.configfile.mail_section import MailSection
from mail.configfile.section import Section
from webserver.configfile.certificates_section import CertificatesSection
from webserver.configfile.web_section import WebSection

SECTIONS: tuple[Section[Any], ...] = (MailSection(), DeliverySection(), WebSection(), CertificatesSection())

ORDER = ("log", "transports", "routes", "domains", "accounts", "web")
"""Of the top-level keys in an exported file; others follow."""
