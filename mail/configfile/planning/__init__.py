"""From the stored configuration to the one of the file: the changes, and what forbids them."""

from mail.configfile.planning.accounts import plan_accounts
from mail.configfile.planning.addresses import plan_addresses
from mail.configfile.planning.aliases import plan_aliases
from mail.configfile.planning.domains import plan_domains
from mail.configfile.planning.log import plan_log
from mail.configfile.section import Change, Options
from mail.configfile.table import Table
from mail.configfile.values import MailConfiguration

__all__ = ["plan_mail"]


def plan_mail(
    stored: MailConfiguration, wanted: MailConfiguration, document: Table, options: Options
) -> list[Change]:
    """All changes of mail's part."""
    return [
        *plan_log(stored.log_levels, wanted.log_levels),
        *plan_domains(stored.domains, wanted.domains),
        *plan_aliases(stored.domains, wanted.domains),
        *plan_accounts(stored.accounts, wanted.accounts, document, options),
        *plan_addresses(stored.accounts, wanted.accounts),
    ]
