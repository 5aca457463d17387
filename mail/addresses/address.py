"""A mail address in the form in which it is compared, stored and sent."""

from dataclasses import dataclass

from mail.addresses.domain import display_domain
from mail.addresses.localpart import quote_localpart


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """Localpart (NFC, without quotes) and domain (lower case A-labels, or an address literal in brackets).

    Made by the functions of mail.addresses.parse, or from parts that came from there. The domain is empty
    only for the postmaster of this server (RFC 5321 section 4.5.1). The null envelope sender is None.
    """

    localpart: str
    domain: str

    @property
    def is_literal(self) -> bool:
        """Whether the domain is an IP address in brackets."""
        return self.domain.startswith("[")

    def __str__(self) -> str:
        """The form for SMTP, without angle brackets."""
        return self._join(self.domain)

    def display(self) -> str:
        """The form for people, with U-labels."""
        return self._join(display_domain(self.domain))

    def _join(self, domain: str) -> str:
        localpart = quote_localpart(self.localpart)
        return f"{localpart}@{domain}" if domain else localpart


@dataclass(frozen=True, slots=True, order=True)
class Catchall:
    """The destination for all localparts of a domain that have none of their own."""

    domain: str

    def __str__(self) -> str:
        """The form of the key in the configuration, with A-labels."""
        return f"@{self.domain}"

    def display(self) -> str:
        """The form for people, with U-labels."""
        return f"@{display_domain(self.domain)}"
