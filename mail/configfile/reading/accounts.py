"""Reading the accounts and their addresses."""

from mail.addresses.address import Catchall
from mail.addresses.domain import AddressError
from mail.addresses.parse import parse_destination
from mail.configfile.reading.claims import Claims
from mail.configfile.reading.fields import field_problems
from mail.configfile.table import Table
from mail.configfile.values import ACCOUNT_FIELDS, AccountValue, DestinationValue
from mail.configuration.rules.domains import sentence
from mail.configuration.rules.lines import line_problems
from mail.configuration.rules.mailboxes import INBOX, mailbox_name, mailbox_name_problem
from mail.configuration.rules.smtp_error import smtp_error_problem
from mail.models import Account


def read_accounts(document: Table, claims: Claims) -> dict[str, AccountValue]:
    """The accounts by name."""
    return {name: _read(name, table, claims) for name, table in document.tables("accounts").items()}


def _read(name: str, table: Table, claims: Claims) -> AccountValue:
    usual = AccountValue()
    value = AccountValue(
        full_name=table.text("full_name"),
        max_outgoing_messages_per_day=table.integer(
            "max_outgoing_messages_per_day", usual.max_outgoing_messages_per_day
        ),
        max_first_time_recipients_per_day=table.integer(
            "max_first_time_recipients_per_day", usual.max_first_time_recipients_per_day
        ),
        quota_mb=table.integer("quota_mb"),
        cram_md5=table.boolean("cram_md5"),
        login_disabled=table.text("login_disabled"),
        dmarc_reject=table.boolean("dmarc_reject") if table.has("dmarc_reject") else None,
        destinations=_read_destinations(name, table, claims),
    )
    row = Account(name=name, **{field: getattr(value, field) for field in ACCOUNT_FIELDS})
    for field, message in field_problems(row):
        table.problem(message, *([] if field == "name" else [field]))
    for problem in line_problems(full_name=value.full_name, login_disabled=value.login_disabled):
        table.problem(problem.message, problem.field)
    return value


def _read_destinations(account: str, table: Table, claims: Claims) -> dict[str, DestinationValue]:
    found: dict[str, DestinationValue] = {}
    owner = f"account {account}"
    for key, row in table.tables("destinations").items():
        mailbox, smtp_error = _read_handling(row)
        try:
            address = parse_destination(key)
        except AddressError as error:
            row.problem(sentence(str(error)))
            continue
        if problem := claims.claim_destination(address, owner, row.path):
            row.problem(problem)
        elif isinstance(address, Catchall) and str(address) in found:
            row.problem("The catchall stands here twice, in different spellings.")
        found[str(address)] = DestinationValue(address, mailbox, smtp_error)
    return found


def _read_handling(row: Table) -> tuple[str, str]:
    mailbox, smtp_error = mailbox_name(row.text("mailbox", INBOX)), row.text("smtp_error")
    if problem := mailbox_name_problem(mailbox):
        row.problem(problem, "mailbox")
    if problem := smtp_error_problem(smtp_error, mailbox, INBOX):
        row.problem(problem, "smtp_error")
    return mailbox, smtp_error
