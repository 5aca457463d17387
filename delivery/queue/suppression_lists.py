"""Suppression lists as their owners and the admin keep them."""

from django.db import IntegrityError, transaction

from delivery.models import Suppression
from delivery.queue.suppressing import base_localpart, shown_address
from mail import clock
from mail.addresses.address import Address
from mail.addresses.domain import AddressError
from mail.addresses.parse import parse_address
from mail.models import Account


class SuppressionRefused(ValueError):
    """The list can't be changed in this way. The message says why."""


def add_suppression(account: Account, text: str, reason: str = "") -> Suppression:
    """Put an address onto the account's list. Raises SuppressionRefused."""
    entry = new_suppression(account, text, reason)
    try:
        with transaction.atomic():
            entry.save()
    except IntegrityError:
        raise SuppressionRefused(f"{entry.address} has just been put on the list.") from None
    return entry


def new_suppression(account: Account, text: str, reason: str) -> Suppression:
    """The entry for an address that is not on the list, not saved yet. Raises SuppressionRefused."""
    address = _address(text)
    base = base_localpart(address.localpart)
    known = Suppression.objects.filter(account=account, localpart=base, domain=address.domain).first()
    if known is not None:
        also = "" if known.address == str(address) else f", which stands for {address} too"
        raise SuppressionRefused(f"{known.address} is on the list already{also}.")
    return Suppression(
        account=account,
        localpart=base,
        domain=address.domain,
        address=shown_address(address),
        reason=reason,
        created=clock.now(),
    )


def remove_suppression(account: Account, text: str) -> Suppression:
    """Take an address from the account's list, in any of its spellings. Raises SuppressionRefused."""
    address = _address(text)
    entry = Suppression.objects.filter(
        account=account, localpart=base_localpart(address.localpart), domain=address.domain
    ).first()
    if entry is None:
        raise SuppressionRefused(f"{address} is not on the list.")
    entry.delete()
    return entry


def _address(text: str) -> Address:
    try:
        return parse_address(text)
    except AddressError as error:
        raise SuppressionRefused(f"This is no address: {error}.") from None
