"""Which account a name or an address on the command line means."""

from mail.addresses.domain import AddressError
from mail.addresses.parse import parse_address
from mail.directory.owners import owner
from mail.models import Account, Destination, Domain


def find_account(text: str) -> Account | None:
    """The account of this name, or the one that gets mail for this address."""
    account = Account.objects.filter(name=text).first()
    if account is not None or "@" not in text:
        return account
    try:
        address = parse_address(text)
    except AddressError:
        return None
    domain = Domain.objects.filter(name=address.domain).first()
    found = owner(address, domain.rules) if domain else None
    return found.account if isinstance(found, Destination) else None
