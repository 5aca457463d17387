"""Which services a mail program finds at a domain (RFC 6186, RFC 8314). Pure."""

from dataclasses import dataclass
from typing import Final

from moxsite.setup.needs.facts import Facts
from moxsite.setup.needs.records import Record, srv


@dataclass(frozen=True, slots=True)
class Service:
    """A service and its port; port 0 for one that there is not."""

    name: str
    port: int

    def record(self, facts: Facts) -> Record:
        """The record that says where it is, or that it is not."""
        return srv(f"{self.name}._tcp.{facts.domain}", self.port, facts.host.name if self.port else "")


SERVICES: Final = (
    Service("_submissions", 465),
    Service("_submission", 587),
    Service("_imaps", 0),
    Service("_imap", 0),
    Service("_pop3s", 0),
    Service("_pop3", 0),
)
"""Mail is read on the web pages; there is no IMAP or POP3."""

AUTODISCOVER: Final = Service("_autodiscover", 443)
