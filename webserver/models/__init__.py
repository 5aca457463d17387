"""Websites: redirects of domains, handlers in their order, and certificates in files."""

from webserver.models.certificate_file import CertificateFile
from webserver.models.domain_redirect import DomainRedirect
from webserver.models.web_handler import WebHandler

__all__ = ["CertificateFile", "DomainRedirect", "WebHandler"]
