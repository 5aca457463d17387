"""Delivery's section of the configuration file: transports, and routes at their three levels."""

from typing import Any

from delivery.configfile.planning_routes import plan_routes
from delivery.configfile.planning_transports import plan_transports
from delivery.configfile.reading_routes import read_routes
from delivery.configfile.reading_transports import read_transports
from delivery.configfile.stored import stored_delivery
from delivery.configfile.values import DeliveryConfiguration
from delivery.configfile.writing import write_delivery
from mail.configfile.section import Change, Options
from mail.configfile.table import Table


class DeliverySection:
    """See mail.configfile.section.Section."""

    def read(self, document: Table) -> DeliveryConfiguration:
        transports, passwords = read_transports(document)
        return DeliveryConfiguration(transports, read_routes(document, transports), passwords)

    def stored(self) -> DeliveryConfiguration:
        return stored_delivery()

    def write(self, configuration: DeliveryConfiguration, document: dict[str, Any]) -> None:
        write_delivery(configuration, document)

    def plan(
        self,
        stored: DeliveryConfiguration,
        wanted: DeliveryConfiguration,
        document: Table,
        options: Options,
    ) -> list[Change]:
        return [*plan_transports(stored, wanted), *plan_routes(stored, wanted)]
