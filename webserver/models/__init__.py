"""Websites: redirects of domains, and handlers in their order."""

from webserver.models.domain_redirect import DomainRedirect
from webserver.models.web_handler import WebHandler

__all__ = ["DomainRedirect", "WebHandler"]
