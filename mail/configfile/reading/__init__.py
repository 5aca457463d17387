"""Reading mail's part of the file, checked by the same rules as the pages."""

from mail.configfile.reading.accounts import read_accounts
from mail.configfile.reading.aliases import read_aliases
from mail.configfile.reading.claims import Claims
from mail.configfile.reading.domains import read_domains
from mail.configfile.reading.log import read_log
from mail.configfile.table import Table
from mail.configfile.values import MailConfiguration

__all__ = ["read_mail"]


def read_mail(document: Table) -> MailConfiguration:
    """Domains first: they say how addresses are read; aliases last: their members are addresses."""
    log_levels = read_log(document.table("log"))
    rules = read_domains(document)
    claims = Claims(rules)
    accounts = read_accounts(document, claims)
    domains = read_aliases(document, claims)
    claims.report_conflicts(document)
    return MailConfiguration(log_levels, domains, accounts)
