"""Redirect handlers at run time."""

from webserver.edge.exchange import Exchange
from webserver.handlers.redirect.location import Leads, LeadsToItself, redirect_location
from webserver.handlers.serving.service import Declined, redirect
from webserver.routing.values import RedirectSettings


class RedirectService:
    """Answers with a Location."""

    answer = None

    def __init__(self, settings: RedirectSettings) -> None:
        self._settings = settings

    def take(self, exchange: Exchange, declined: Declined) -> bool:
        """See Service."""
        found = redirect_location(self._settings, exchange.request)
        if isinstance(found, LeadsToItself):
            return False
        if isinstance(found, Leads):
            redirect(exchange, self._settings.status_code, found.location)
        else:
            exchange.refuse(404, "There is nothing here.")
        return True
