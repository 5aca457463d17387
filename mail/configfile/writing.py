"""Mail's configuration as plain tables, lists and values of a file. Pure."""

from typing import Any

from mail.configfile.values import (
    ACCOUNT_FIELDS,
    ALIAS_FLAGS,
    AccountValue,
    AliasValue,
    DestinationValue,
    DomainValue,
    MailConfiguration,
)
from mail.configuration.rules.mailboxes import INBOX


def write_mail(configuration: MailConfiguration, document: dict[str, Any]) -> None:
    """Put [log], [domains] and [accounts] into the document, with every setting but those that are empty."""
    _put(document, "log", _log(configuration.log_levels))
    _put(document, "domains", {name: _domain(value) for name, value in configuration.domains.items()})
    _put(document, "accounts", {name: _account(value) for name, value in configuration.accounts.items()})


def _log(levels: dict[str, str]) -> dict[str, Any]:
    table: dict[str, Any] = {"level": levels[""]} if "" in levels else {}
    _put(table, "packages", {package: level for package, level in levels.items() if package})
    return table


def _domain(value: DomainValue) -> dict[str, Any]:
    table: dict[str, Any] = {
        "localpart_separators": list(value.separators),
        "localpart_case_sensitive": value.case_sensitive,
        "disabled": value.disabled,
        "dmarc_reject": value.dmarc_reject,
    }
    _put(table, "aliases", {localpart: _alias(alias) for localpart, alias in value.aliases.items()})
    return table


def _alias(value: AliasValue) -> dict[str, Any]:
    return {"addresses": list(value.addresses), **{flag: getattr(value, flag) for flag in ALIAS_FLAGS}}


def _account(value: AccountValue) -> dict[str, Any]:
    fields = {field: getattr(value, field) for field in ACCOUNT_FIELDS}
    table: dict[str, Any] = {field: setting for field, setting in fields.items() if setting is not None}
    _put(table, "destinations", {key: _destination(row) for key, row in value.destinations.items()})
    return table


def _destination(value: DestinationValue) -> dict[str, Any]:
    if value.smtp_error:
        return {"smtp_error": value.smtp_error}
    return {"mailbox": value.mailbox or INBOX}


def _put(table: dict[str, Any], key: str, value: dict[str, Any]) -> None:
    """Empty tables are left out; a table that another section began is added to."""
    if value:
        table.setdefault(key, {}).update(value)
