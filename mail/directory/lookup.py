"""The order in which an address is looked up."""

from django.conf import settings

from mail.addresses.address import Address
from mail.addresses.localpart import is_postmaster
from mail.configuration.rules.domains import DomainRules
from mail.configuration.rules.smtp_error import smtp_error_reply
from mail.configuration.sections import HostedDomains
from mail.configuration.snapshot import Snapshot
from mail.directory.owners import destination_of, owner, postmaster_destination
from mail.directory.results import (
    AliasTargets,
    Disabled,
    NotHosted,
    Refused,
    Resolution,
    UnknownLocalpart,
)
from mail.models import Alias, Destination


def look_up(address: Address, snapshot: Snapshot) -> Resolution:
    """Who gets mail for the address. Not for event loops.

    The postmaster of the server itself comes first (RFC 5321 section 4.5.1), then exact destinations,
    aliases, the catchall, and at last postmaster at a hosted domain.
    """
    if is_server_postmaster(address):
        return postmaster_destination(address) or UnknownLocalpart()
    decided = decided_by_domain(address, snapshot)
    if decided is not None:
        return decided
    rules = snapshot.section(HostedDomains).by_name[address.domain]
    found = owner(address, rules)
    if found is None:
        return _fallback(address, rules)
    return _of_alias(found) if isinstance(found, Alias) else _of_destination(found)


def decided_by_domain(address: Address, snapshot: Snapshot) -> NotHosted | Disabled | None:
    """The answer where the snapshot alone has it: the domain is not hosted here, or disabled."""
    if is_server_postmaster(address):
        return None
    rules = snapshot.section(HostedDomains).get(address.domain)
    if rules is None:
        return NotHosted()
    return Disabled() if rules.disabled else None


def may_send_as(account_id: int, address: Address, snapshot: Snapshot) -> bool:
    """Whether the account may use the address as envelope sender and in From. Not for event loops.

    It may use its own addresses with any suffix, what its catchalls get, aliases that allow it, and the
    postmaster's addresses where it is the postmaster. Whether the domain is disabled is another question.
    """
    if is_server_postmaster(address):
        return _is_postmaster(account_id, address)
    rules = snapshot.section(HostedDomains).get(address.domain)
    if rules is None:
        return False
    found = owner(address, rules)
    if isinstance(found, Destination):
        return found.account_id == account_id
    if isinstance(found, Alias):
        return found.allow_from and found.members.filter(account_id=account_id).exists()
    return is_postmaster(rules.canonical(address.localpart)) and _is_postmaster(account_id, address)


def is_server_postmaster(address: Address) -> bool:
    """Whether this is the postmaster of the server: without a domain, or at its host name."""
    return is_postmaster(address.localpart) and address.domain in ("", settings.MOXSITE_HOSTNAME)


def _of_destination(row: Destination) -> Resolution:
    return Refused(smtp_error_reply(row.smtp_error)) if row.smtp_error else destination_of(row)


def _of_alias(alias: Alias) -> Resolution:
    memberships = alias.memberships.select_related("destination__account", "destination__domain")
    members = tuple(membership.destination for membership in memberships.order_by("pk"))
    targets = tuple(destination_of(row) for row in members if not row.smtp_error)
    if members and not targets:
        return Refused(smtp_error_reply(members[0].smtp_error))
    if not targets:
        return UnknownLocalpart()
    return AliasTargets(
        address=alias.address,
        members=tuple(map(destination_of, members)),
        targets=targets,
        post_public=alias.post_public,
        allow_from=alias.allow_from,
    )


def _fallback(address: Address, rules: DomainRules) -> Resolution:
    if is_postmaster(rules.canonical(address.localpart)):
        return postmaster_destination(address) or UnknownLocalpart()
    return UnknownLocalpart()


def _is_postmaster(account_id: int, address: Address) -> bool:
    destination = postmaster_destination(address)
    return destination is not None and destination.account_id == account_id
