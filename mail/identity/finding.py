"""From what somebody types as user name to the login that is meant."""

import unicodedata

from mail.addresses.address import Address
from mail.addresses.domain import AddressError
from mail.addresses.parse import parse_address
from mail.directory.owners import owner
from mail.models import Destination, Domain, Login


def find_login(username: str, *, by_catchall: bool = True) -> Login | None:
    """The login of this name, or that of the account an address belongs to.

    Every address counts that the account gets mail for: with a separator and a suffix, and what falls to
    its catchall unless that is ruled out. The domain may be disabled.
    """
    name = unicodedata.normalize("NFC", username.strip())
    if "\0" in name:  # databases refuse to be asked for it
        return None
    login = Login.objects.select_related("account").filter(name=name).first()
    if login is not None or "@" not in name:
        return login
    try:
        return _login_of(parse_address(name), by_catchall)
    except AddressError:
        return None


def _login_of(address: Address, by_catchall: bool) -> Login | None:
    domain = Domain.objects.filter(name=address.domain).first()
    found = owner(address, domain.rules) if domain else None
    if not isinstance(found, Destination) or (found.is_catchall and not by_catchall):
        return None
    return Login.objects.select_related("account").filter(account=found.account_id).first()
