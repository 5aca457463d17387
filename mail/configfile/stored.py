"""Mail's configuration as the database has it."""

from mail.configfile.values import (
    ACCOUNT_FIELDS,
    ALIAS_FLAGS,
    AccountValue,
    AliasValue,
    DestinationValue,
    DomainValue,
    MailConfiguration,
)
from mail.models import Account, Alias, Domain, LogLevel


def stored_mail() -> MailConfiguration:
    """Everything, sorted by name."""
    return MailConfiguration(
        log_levels={row.package: row.level for row in LogLevel.objects.order_by("package")},
        domains=_domains(),
        accounts=_accounts(),
    )


def _domains() -> dict[str, DomainValue]:
    aliases: dict[str, dict[str, AliasValue]] = {}
    rows = Alias.objects.select_related("domain").order_by("localpart")
    for alias in rows.prefetch_related("memberships__destination__domain"):
        aliases.setdefault(alias.domain.name, {})[alias.localpart] = _alias(alias)
    return {
        domain.name: DomainValue(
            tuple(domain.localpart_separators),
            domain.localpart_case_sensitive,
            domain.disabled,
            domain.dmarc_reject,
            aliases.get(domain.name, {}),
        )
        for domain in Domain.objects.order_by("name")
    }


def _alias(alias: Alias) -> AliasValue:
    memberships = sorted(alias.memberships.all(), key=lambda membership: membership.pk)
    addresses = tuple(str(membership.destination.address) for membership in memberships)
    return AliasValue(addresses, **{flag: getattr(alias, flag) for flag in ALIAS_FLAGS})


def _accounts() -> dict[str, AccountValue]:
    found: dict[str, AccountValue] = {}
    for account in Account.objects.order_by("name").prefetch_related("destinations__domain"):
        destinations = {
            str(row.address): DestinationValue(row.address, row.mailbox, row.smtp_error)
            for row in account.destinations.all()
        }
        fields = {field: getattr(account, field) for field in ACCOUNT_FIELDS}
        found[account.name] = AccountValue(**fields, destinations=dict(sorted(destinations.items())))
    return found
