"""Mail's section of the configuration file: log, domains with aliases, accounts with addresses."""

from typing import Any

from mail.configfile.planning import plan_mail
from mail.configfile.reading import read_mail
from mail.configfile.section import Change, Options
from mail.configfile.stored import stored_mail
from mail.configfile.table import Table
from mail.configfile.values import MailConfiguration
from mail.configfile.writing import write_mail


class MailSection:
    """See mail.configfile.section.Section."""

    def read(self, document: Table) -> MailConfiguration:
        return read_mail(document)

    def stored(self) -> MailConfiguration:
        return stored_mail()

    def write(self, configuration: MailConfiguration, document: dict[str, Any]) -> None:
        write_mail(configuration, document)

    def plan(
        self, stored: MailConfiguration, wanted: MailConfiguration, document: Table, options: Options
    ) -> list[Change]:
        return plan_mail(stored, wanted, document, options)
