"""Database look-ups of addresses; every query uses an index."""

from django.db.models import Q

from mail.addresses.address import Address
from mail.configuration.rules.domains import DomainRules
from mail.configuration.rules.mailboxes import INBOX
from mail.directory.results import AccountDestination
from mail.models import Account, Alias, Destination, Login


def owner(address: Address, rules: DomainRules) -> Destination | Alias | None:
    """The destination, alias or catchall that the address belongs to, in this order."""
    canonical = rules.canonical(address.localpart)
    exact = Q(canonical_localpart=canonical, is_catchall=False)
    found = Destination.objects.filter(exact | Q(is_catchall=True), domain__name=rules.name)
    destinations = {row.is_catchall: row for row in found.select_related("account", "domain")}
    if False in destinations:
        return destinations[False]
    alias = Alias.objects.filter(domain__name=rules.name, canonical_localpart=canonical)
    return alias.select_related("domain").first() or destinations.get(True)


def postmaster_account() -> Account | None:
    """Who gets mail for the postmaster: the account of the first enabled admin that has one, else the first
    account by name. None on a server without accounts.
    """
    admins = Login.objects.filter(is_staff=True, is_active=True, account__isnull=False)
    admin = admins.select_related("account").order_by("pk").first()
    return admin.account if admin else Account.objects.order_by("name").first()


def destination_of(row: Destination) -> AccountDestination:
    """The row as a result. Its account and domain are loaded."""
    account = row.account
    rejects = row.domain.dmarc_reject if account.dmarc_reject is None else account.dmarc_reject
    return AccountDestination(row.account_id, account.name, row.mailbox, row.address, rejects)


def postmaster_destination(address: Address) -> AccountDestination | None:
    """Where mail for the postmaster goes; the address stays the one asked for."""
    account = postmaster_account()
    if account is None:
        return None
    return AccountDestination(account.pk, account.name, INBOX, address, account.dmarc_reject is not False)
