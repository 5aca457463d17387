"""The addresses of a domain for its page: whose they are."""

from dataclasses import dataclass
from typing import Final

from django.urls import reverse

from mail.models import Domain

SHOWN: Final = 200
"""Addresses on the page of a domain; larger ones have the search of the accounts."""


@dataclass(frozen=True, slots=True)
class OwnedAddress:
    """An address, who owns it, and the owner's page."""

    address: str
    owner: str
    url: str


@dataclass(frozen=True, slots=True)
class OwnedAddresses:
    """Addresses in the order of their localparts, the catchall last, and how many are not listed."""

    listed: tuple[OwnedAddress, ...]
    unlisted: int


def addresses_of(domain: Domain) -> OwnedAddresses:
    """The destinations and aliases of a domain."""
    found = []
    destinations = domain.destinations.select_related("account", "domain").order_by(
        "is_catchall", "localpart"
    )
    for destination in destinations[:SHOWN]:
        text = destination.address.display() + (" (catchall)" if destination.is_catchall else "")
        url = reverse("admin:mail_account_change", args=[destination.account_id])
        found.append(OwnedAddress(text, f"account {destination.account.name}", url))
    for alias in domain.aliases.select_related("domain").order_by("localpart")[:SHOWN]:
        found.append(
            OwnedAddress(
                alias.address.display(), "alias", reverse("admin:mail_alias_change", args=[alias.pk])
            )
        )
    total = domain.destinations.count() + domain.aliases.count()
    return OwnedAddresses(tuple(found), total - len(found))
