"""The websites of the configuration file: redirects of domains, and handlers."""

from typing import Any

from mail.configfile.section import Change, Options
from mail.configfile.table import Table
from webserver.configfile.planning import plan_web
from webserver.configfile.reading import read_web
from webserver.configfile.writing import write_web
from webserver.configuration.stored import stored_web
from webserver.configuration.values import WebConfiguration


class WebSection:
    """See mail.configfile.section.Section."""

    def read(self, document: Table) -> WebConfiguration:
        return read_web(document)

    def stored(self) -> WebConfiguration:
        return stored_web()

    def write(self, configuration: WebConfiguration, document: dict[str, Any]) -> None:
        write_web(configuration, document)

    def plan(
        self, stored: WebConfiguration, wanted: WebConfiguration, document: Table, options: Options
    ) -> list[Change]:
        return plan_web(stored, wanted, document)
